import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgementOf, refusals } from './check.ts';
import { judgeBranch } from './development.ts';

test('a branch that an environment looks at starts development, whoever signed', () => {
  const judgement = judgeBranch({ ref: 'refs/heads/dev/ann', branches: ['try', 'dev/*'] });
  assert.equal(judgement.accepted, true);
  assert.equal(judgement.basis, 'branch');
});

test('NOT_A_DEV_BRANCH: other branches, tags, and everything where no environment looks', () => {
  for (const [ref, branches] of [
    ['refs/heads/feature', ['dev/*']],
    ['refs/tags/dev/ann', ['**']],
    ['refs/pull/1/head', ['**']],
    ['refs/heads/main', []],
  ] as const)
    assert.deepEqual(refusals(judgeBranch({ ref, branches })), ['NOT_A_DEV_BRANCH'], ref);
});

test('R2: a judgement without any check is a refusal', () => {
  assert.equal(judgementOf('staging', [], 'maintainer-signature').accepted, false);
});

test('a judgement is accepted exactly when all of its checks passed', () => {
  const check = fc.record({
    code: fc.constant('UNSIGNED' as const),
    passed: fc.boolean(),
    sentence: fc.string(),
    hint: fc.constant(undefined),
  });
  fc.assert(
    fc.property(fc.array(check, { minLength: 1 }), (checks) => {
      const judgement = judgementOf('staging', checks, 'branch');
      assert.equal(judgement.accepted, refusals(judgement).length === 0);
      assert.equal(judgement.basis, judgement.accepted ? 'branch' : undefined);
    }),
  );
});
