/** The model for as long as wanted: `node test/scenarios/model-long.ts --runs 1000 --seed 42 [--length 60] [--path 3:1]`. */
import { parseArgs } from 'node:util';
import { runModel } from './model/run.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string' },
    length: { type: 'string', default: '60' },
    path: { type: 'string' },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const runs = Number(values.runs);
process.stdout.write(`${runs} runs with seed ${seed}\n`);
const begun = performance.now();
const tally = await runModel({
  runs,
  seed,
  length: Number(values.length),
  ...(values.path === undefined ? {} : { path: values.path }),
});
for (const [what, times] of [...tally].sort()) process.stdout.write(`${String(times).padStart(7)} ${what}\n`);
process.stdout.write(`every rule held; ${Math.round((performance.now() - begun) / 1_000)} s\n`);
process.exit(0);
