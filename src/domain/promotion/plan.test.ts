import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, sha256 } from '../../../test/make/facts.ts';
import { trustDefaults } from '../pipeline/defaults.ts';
import { planHash, type Plan } from './plan.ts';

const plan: Plan = {
  environment: idOf('env', 1),
  kind: 'promotion',
  release: idOf('rel', 1),
  artifact: sha256('one'),
  replaces: { release: idOf('rel', 0), promotion: idOf('prm', 0) },
  revision: idOf('ppl', 1),
  gates: [{ gate: 'approval', count: 1 }],
  policy: trustDefaults,
};

const changes: Record<keyof Plan, Partial<Plan>> = {
  environment: { environment: idOf('env', 2) },
  kind: { kind: 'rollback' },
  release: { release: idOf('rel', 2) },
  artifact: { artifact: sha256('two') },
  replaces: { replaces: undefined } as Partial<Plan>,
  revision: { revision: idOf('ppl', 2) },
  gates: { gates: [{ gate: 'approval', count: 2 }] },
  policy: { policy: { ...trustDefaults, separation: 'none' } },
};

for (const [what, change] of Object.entries(changes)) {
  test(`R21: another ${what} is another plan`, () => {
    assert.notEqual(planHash({ ...plan, ...change }, sha256), planHash(plan, sha256));
  });
}

test('R21: the same step after a rollback is another plan, since another promotion brought what it replaces', () => {
  const again = { ...plan, replaces: { release: idOf('rel', 0), promotion: idOf('prm', 5) } };
  assert.notEqual(planHash(again, sha256), planHash(plan, sha256));
});

test('R21: the same plan has the same hash, in whatever order it was put together', () => {
  const turned = Object.fromEntries(Object.entries(plan).toReversed()) as unknown as Plan;
  assert.equal(planHash(turned, sha256), planHash(plan, sha256));
});
