/** Much longer than the suite: `node test/scenarios/evidence-fuzz-long.ts [runs] [seed]`; a failure prints what to keep in the corpus. */
import fc from 'fast-check';
import { exitCodes, formats, hostile, survive } from '../make/evidence-fuzz.ts';

const [runs = '200000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
let done = 0;
let slowest = 0;
await fc.assert(
  fc.asyncProperty(hostile, formats, exitCodes, async (content, format, exitCode) => {
    const begun = process.cpuUsage();
    await survive(content, format, exitCode);
    const { user, system } = process.cpuUsage(begun);
    slowest = Math.max(slowest, (user + system) / 1_000);
    done += 1;
    if (done % 10_000 === 0)
      console.log(
        `${done} read, slowest ${slowest.toFixed(0)} ms, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`,
      );
  }),
  { numRuns: Number(runs), seed: Number(seed) },
);
console.log(`${done} hostile reports read, seed ${seed}, slowest ${slowest.toFixed(1)} ms of CPU`);
