/** How fast all requests are back on the stable release: `node test/scenarios/rollout-return-long.ts [rounds]`. */
import { decisions, returns, type Returned } from './rollout-return.ts';

const rounds = Number(process.argv[2] ?? 30);
/** What may lie between the decision and the last request that reached the new release. */
const limitMs = 100;
for (const kill of [false, true]) {
  for (const decision of decisions) {
    const all = await returns({ decision, rounds, kill }, (one) => process.stdout.write(`${JSON.stringify(one)}\n`));
    const back = sorted(all.map(({ backMs }) => backMs));
    const taken = sorted(all.flatMap(({ takenOverMs }) => takenOverMs ?? []));
    const late = all.filter(isLate).length;
    process.stdout.write(
      `${decision}${kill ? ', control plane killed in that moment' : ''}: back after ${inWords(back)}` +
        `${kill ? `, taken over after ${inWords(taken)}` : ''}; ${late} of ${all.length} late\n`,
    );
    if (late > 0) process.exitCode = 1;
  }
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
