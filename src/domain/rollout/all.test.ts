import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Duration } from '../base/time.ts';
import { strategies, usualAnalysis, usualSteps, type RolloutSpec } from '../pipeline/rollout-spec.ts';
import { keepOf, planOf } from './all.ts';

const keep = 60_000 as Duration;
const check = { name: 'smoke', run: './smoke', timeout: keep };
const specs: Readonly<Record<RolloutSpec['strategy'], RolloutSpec>> = {
  'all-at-once': { strategy: 'all-at-once' },
  recreate: { strategy: 'recreate', hold: keep },
  'blue-green': { strategy: 'blue-green', checks: [check], keep },
  canary: { strategy: 'canary', steps: usualSteps, analysis: usualAnalysis, users: { by: 'cookie' }, keep },
};

test('every strategy is a list of steps, and only a canary divides requests', () => {
  for (const strategy of strategies) {
    const plan = planOf(specs[strategy]);
    assert.equal(plan.strategy, strategy);
    assert.equal(
      plan.steps.some(({ step }) => step === 'weight'),
      strategy === 'canary',
    );
  }
  assert.deepEqual(planOf(specs['blue-green']).steps, [{ step: 'check', ...check }]);
});

test('R32: what was replaced is kept where the pipeline says so', () => {
  assert.deepEqual(
    strategies.map((strategy) => keepOf(specs[strategy])),
    [0, 0, keep, keep],
  );
});
