/** The long form: `node test/scenarios/takeover-long.ts --rounds 15`. */
import { parseArgs } from 'node:util';
import { spread } from './harness/figures.ts';
import { takeover } from './takeover.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, sleep: { type: 'string', default: '15000' } },
});
const report = await takeover({
  rounds: Number(values.rounds),
  sleepMs: Number(values.sleep),
  say: (what) => console.log(what),
});
console.log(`from SIGKILL to the takeover: ${spread(report.takenAfterMs)}`);
console.log(`from SIGSTOP to the takeover: ${spread(report.takenFromSleeperAfterMs)}`);
for (const fault of report.faults) console.log(`FAULT ${fault}`);
console.log(report.faults.length === 0 ? 'no fault' : `${report.faults.length} faults`);
process.exit(report.faults.length === 0 ? 0 : 1);
