/** Every victim at every step of a canary, once going on and once aborted: `node test/scenarios/rollout-faults-long.ts`. */
import { moments, rolloutFaults, victims, type Fault } from './rollout-faults.ts';

const faults = moments.flatMap((at) =>
  victims.flatMap((victim) => (['goes on', 'is aborted'] as const).map((ending): Fault => ({ victim, at, ending }))),
);
const found = await rolloutFaults(faults, (what) => process.stdout.write(`${what}\n`));
for (const sentence of found) process.stdout.write(`WRONG: ${sentence}\n`);
process.exitCode = found.length === 0 ? 0 : 1;
