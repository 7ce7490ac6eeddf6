/** The long form: `node test/scenarios/crash-long.ts --promotions 200 --environments 10 --kills 50 --seed 1`. */
import { parseArgs } from 'node:util';
import { crash } from './crash.ts';
import { spread } from './harness/figures.ts';

const { values } = parseArgs({
  options: {
    promotions: { type: 'string', default: '200' },
    environments: { type: 'string', default: '10' },
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    pause: { type: 'string', default: '2500' },
    keep: { type: 'boolean', default: false },
  },
});
const begin = performance.now();
const say = (what: string): void =>
  console.log(`${((performance.now() - begin) / 1_000).toFixed(1).padStart(7)} s  ${what}`);
say(`seed ${values.seed}`);
const report = await crash({
  promotions: Number(values.promotions),
  environments: Number(values.environments),
  kills: Number(values.kills),
  seed: Number(values.seed),
  pauseMs: Number(values.pause),
  patienceMs: 300_000,
  keep: values.keep,
  say,
});
for (const surprise of report.surprises)
  say(`surprise: ${surprise.includes('database/unreachable') ? surprise.slice(-900, -500) : surprise}`);
for (const [victim, count] of Object.entries(report.kills))
  say(`${victim}: killed ${count} times, there again ${spread(report.recoveries[victim] ?? [])}`);
say(
  `${report.takeovers} takeovers, ${report.repeatedRequests} requests repeated, ${report.samples} samples, all ended ${Math.round(report.drainedAfterMs)} ms after the last kill`,
);
for (const fault of report.faults) say(`FAULT ${fault}`);
say(report.faults.length === 0 ? 'no fault' : `${report.faults.length} faults; seed ${values.seed}`);
process.exit(report.faults.length === 0 ? 0 : 1);
