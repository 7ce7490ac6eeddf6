/** The long form: `node test/scenarios/upgrade-long.ts` with 1,000 promotions that wait. */
import { parseArgs } from 'node:util';
import { upgrade } from './upgrade.ts';

const { values } = parseArgs({
  options: { releases: { type: 'string', default: '20' }, environments: { type: 'string', default: '50' } },
});
const report = await upgrade({
  releases: Number(values.releases),
  environments: Number(values.environments),
  say: (what) => console.log(what),
});
const { told, killed } = report.readyAfterMs;
console.log(
  `${report.waiting} waiting; ready ${Math.round(told)} ms after the start of the process when stopped before, ${Math.round(killed)} ms when killed before`,
);
for (const fault of report.faults) console.log(`FAULT ${fault}`);
console.log(report.faults.length === 0 ? 'no fault' : `${report.faults.length} faults`);
process.exit(report.faults.length === 0 ? 0 : 1);
