import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { riskOf, type RiskFacts } from './risk.ts';

const calm: RiskFacts = {
  commits: 2,
  people: 1,
  migrations: 0,
  variables: 0,
  failedAttempts: 0,
  exemptions: 0,
  bypassed: [],
  suppressions: 0,
  soaked: 10 * 86_400_000,
  firstDeployment: false,
  direction: 'forward',
  trusted: true,
};

test('a small change that nothing speaks against is of low risk, without a reason', () => {
  assert.deepEqual(riskOf(calm), { level: 'low', factors: [] });
});

test('one reason of weight makes it medium, an emergency or several make it high, and each is told', () => {
  assert.equal(riskOf({ ...calm, migrations: 1 }).level, 'medium');
  assert.match(riskOf({ ...calm, migrations: 1 }).factors[0]!.sentence, /one migration/);
  assert.equal(riskOf({ ...calm, bypassed: ['qa'] }).level, 'high');
  const much = riskOf({ ...calm, migrations: 3, failedAttempts: 2, variables: 1 });
  assert.equal(much.level, 'high');
  assert.deepEqual(
    much.factors.map(({ weight }) => weight),
    [2, 2, 1],
  );
});

test('R20: what was not looked up is no small change', () => {
  assert.notEqual(riskOf({ ...calm, commits: undefined }).level, 'low');
});

const order = ['low', 'medium', 'high'] as const;
const anything = fc.record<RiskFacts>({
  commits: fc.option(fc.nat({ max: 200 }), { nil: undefined }),
  people: fc.nat({ max: 20 }),
  migrations: fc.nat({ max: 3 }),
  variables: fc.nat({ max: 3 }),
  failedAttempts: fc.nat({ max: 3 }),
  exemptions: fc.nat({ max: 2 }),
  bypassed: fc.subarray(['qa', 'plan']),
  suppressions: fc.nat({ max: 2 }),
  soaked: fc.option(fc.nat({ max: 10 * 86_400_000 }), { nil: undefined }),
  firstDeployment: fc.boolean(),
  direction: fc.constantFrom('first', 'forward', 'back', 'again'),
  trusted: fc.boolean(),
});

test('more to worry about never makes the risk smaller', () => {
  const worse: readonly ((facts: RiskFacts) => RiskFacts)[] = [
    (facts) => ({ ...facts, migrations: facts.migrations + 1 }),
    (facts) => ({ ...facts, failedAttempts: facts.failedAttempts + 1 }),
    (facts) => ({ ...facts, bypassed: [...facts.bypassed, 'notes'] }),
    (facts) => ({ ...facts, trusted: false }),
    (facts) => ({ ...facts, people: facts.people + 1 }),
  ];
  fc.assert(
    fc.property(anything, fc.constantFrom(...worse), (facts, change) => {
      const [before, after] = [riskOf(facts), riskOf(change(facts))];
      assert.ok(order.indexOf(after.level) >= order.indexOf(before.level));
    }),
  );
});
