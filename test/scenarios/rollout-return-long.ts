/** How fast all requests are back on the stable release: `node test/scenarios/rollout-return-long.ts [rounds] [leader] [step]`, all when absent. */
import { trafficKinds } from '../../src/domain/pipeline/traffic-spec.ts';
import { decisions, returns, steps, type Returned } from './rollout-return.ts';

const [, , rounds = '30', leader, wished] = process.argv;
/** What may lie between the decision and the last request that reached the new release. */
const limitMs = 100;
const asked = trafficKinds
  .filter((by) => leader === undefined || by === leader)
  .flatMap((by) => steps.filter((step) => wished === undefined || step === wished).map((step) => ({ by, step })))
  .flatMap((led) => [false, true].flatMap((kill) => decisions.map((decision) => ({ ...led, kill, decision }))));
for (const one of asked) {
  const all = await returns({ ...one, rounds: Number(rounds) }, (told) =>
    process.stdout.write(`${JSON.stringify(told)}\n`),
  );
  const back = sorted(all.map(({ backMs }) => backMs));
  const taken = sorted(all.flatMap(({ takenOverMs }) => takenOverMs ?? []));
  const late = all.filter(isLate).length;
  process.stdout.write(
    `${one.by}, ${one.step}, ${one.decision}${one.kill ? ', control plane killed in that moment' : ''}: back after ${inWords(back)}` +
      `${one.kill ? `, taken over after ${inWords(taken)}` : ''}; ${late} of ${all.length} late\n`,
  );
  if (late > 0) process.exitCode = 1;
}

function isLate({ backMs, takenOverMs = 0 }: Returned): boolean {
  return backMs > takenOverMs + limitMs;
}

function inWords(values: readonly number[]): string {
  return `${values[Math.floor(values.length / 2)]} ms (median), ${values.at(-1)} ms (worst)`;
}

function sorted(values: readonly number[]): readonly number[] {
  return values.toSorted((left, right) => left - right);
}
