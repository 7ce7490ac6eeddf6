/**
 * Every victim at every moment of a canary, once going on and once aborted, and the table of what came of it:
 * `node test/scenarios/rollout-faults-long.ts [part of a victim's name]`.
 */
import { endings, moments, rolloutFaults, type Fault, type Told } from './rollout-faults.ts';
import { victims, type Victim } from './rollout-victims.ts';

const wanted = process.argv[2] ?? '';
const chosen = (all: readonly Victim[]) => all.filter((victim) => victim.includes(wanted));
const stages = [chosen(victims), chosen(['worker'])].filter((stage) => stage.length > 0);
const all: Told[] = [];
const found: string[] = [];
for (const stage of stages) {
  const faults = stage.flatMap((victim) =>
    moments.flatMap((at) => endings.map((ending): Fault => ({ victim, at, ending }))),
  );
  found.push(
    ...(await rolloutFaults(faults, (told) => {
      all.push(told);
      process.stdout.write(`${inWords(told)}\n`);
    })),
  );
}
process.stdout.write(`\n| killed | ${moments.join(' | ')} |\n|---|${moments.map(() => '---|').join('')}\n`);
for (const victim of stages.flat())
  for (const ending of endings)
    process.stdout.write(
      `| ${victim}, ${ending} | ${moments.map((at) => cell({ victim, at, ending })).join(' | ')} |\n`,
    );
for (const sentence of found) process.stdout.write(`WRONG: ${sentence}\n`);
process.exitCode = found.length === 0 ? 0 : 1;

function inWords({ fault, outcome, milliseconds, requests, failed }: Told): string {
  return `${fault.victim} at ${fault.at}, ${fault.ending}: ${outcome} after ${milliseconds} ms, ${failed} of ${requests} failed`;
}

function cell(fault: Fault): string {
  const told = all.find(
    (one) => one.fault.victim === fault.victim && one.fault.at === fault.at && one.fault.ending === fault.ending,
  );
  return told === undefined ? '' : `${told.outcome}, ${told.failed} of ${told.requests}`;
}
