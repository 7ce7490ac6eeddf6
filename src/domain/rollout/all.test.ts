import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PromotionId } from '../base/id.ts';
import type { Duration, Instant } from '../base/time.ts';
import { strategies, usualAnalysis, usualRolling, usualSteps, type RolloutSpec } from '../pipeline/rollout-spec.ts';
import { keepOf, planOf } from './all.ts';
import { decide } from './decide.ts';
import { beginRollout, evolve, replacedAt, sizesOf, trafficOf } from './rollout.ts';

const keep = 60_000 as Duration;
const check = { name: 'smoke', run: './smoke', timeout: keep };
const specs: Readonly<Record<RolloutSpec['strategy'], RolloutSpec>> = {
  'all-at-once': { strategy: 'all-at-once' },
  recreate: { strategy: 'recreate', hold: keep },
  rolling: { strategy: 'rolling', ...usualRolling, analysis: usualAnalysis },
  'blue-green': { strategy: 'blue-green', checks: [check], keep },
  canary: { strategy: 'canary', steps: usualSteps, analysis: usualAnalysis, users: { by: 'cookie' }, keep },
};

test('every strategy is a list of steps, and only a canary divides requests', () => {
  for (const strategy of strategies) {
    const plan = planOf(specs[strategy], 3);
    assert.equal(plan.strategy, strategy);
    assert.equal(
      plan.steps.some(({ step }) => step === 'weight'),
      strategy === 'canary',
    );
  }
  assert.deepEqual(planOf(specs['blue-green'], 3).steps, [{ step: 'check', ...check }]);
});

test('R32: what was replaced is kept where the pipeline says so', () => {
  assert.deepEqual(
    strategies.map((strategy) => keepOf(specs[strategy])),
    [0, 0, 0, keep, keep],
  );
});

test('rolling replaces as many instances at a time as may be, and each gets its share of the requests', () => {
  const made = (maxSurge: number, maxUnavailable: number, instances: number) =>
    planOf(
      {
        strategy: 'rolling',
        maxSurge: { instances: maxSurge },
        maxUnavailable: { instances: maxUnavailable },
        for: keep,
        analysis: 'none',
      },
      instances,
    ).steps.map((step) => (step.step === 'replace' ? step.instances : undefined));
  assert.deepEqual(made(1, 0, 3), [1, 2, 3]);
  assert.deepEqual(made(1, 1, 5), [2, 4, 5]);
  assert.deepEqual(made(9, 0, 3), [3]);
  let rollout = beginRollout('prm_1' as PromotionId, planOf(specs.rolling, 3), 0 as Instant);
  assert.deepEqual([sizesOf(rollout), trafficOf(rollout).weight], [{ fresh: 1, stable: 2 }, 3_333]);
  rollout = { ...rollout, at: 2 };
  assert.deepEqual([sizesOf(rollout), trafficOf(rollout).weight], [{ fresh: 3, stable: 0 }, 10_000]);
  const back = evolve(rollout, { event: 'rollout.returned', why: 'worse', because: 'it is', at: 1 as Instant });
  assert.deepEqual([sizesOf(back), trafficOf(back).weight], [{ fresh: 0, stable: 3 }, 0]);
});

test('the time of a step that replaces instances begins when they are there, and goes on without a request', () => {
  const begun = beginRollout('prm_1' as PromotionId, planOf(specs.rolling, 2), 0 as Instant);
  const facts = { stop: undefined, stable: 'serves', fresh: { is: 'serves' }, check: undefined } as const;
  const there = replacedAt(begun, 5_000 as Instant);
  assert.equal(replacedAt(there, 9_000 as Instant), there, 'once');
  const wait = decide(there, { ...facts, now: 14_999 as Instant });
  assert.deepEqual([wait.do, wait.do === 'wait' && wait.until], ['wait', 15_000]);
  assert.deepEqual(decide(there, { ...facts, now: 15_000 as Instant }), { do: 'enter', step: 1 });
  const last = replacedAt(
    evolve(there, { event: 'rollout.step-entered', step: 1, at: 15_000 as Instant }),
    16_000 as Instant,
  );
  assert.equal(
    decide(last, { ...facts, stable: 'down', now: 17_000 as Instant }).do,
    'wait',
    'nothing stable is left, as intended',
  );
  assert.deepEqual(decide(last, { ...facts, stable: 'down', now: 26_000 as Instant }), { do: 'finish', how: 'steps' });
});
