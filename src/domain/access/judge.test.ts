import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ProjectId } from '../base/id.ts';
import { environmentKinds } from '../pipeline/environment.ts';
import { judge, rolesIn, sees, type Rights } from './judge.ts';
import { actions, ruleOf, type Action } from './matrix.ts';
import { roles, type Role } from './role.ts';

const shop = 'prj_shop' as ProjectId;
const bank = 'prj_bank' as ProjectId;
const has = (...held: readonly Role[]): Rights => ({
  rights: held.map((role) => ({ role, project: shop })),
  limits: {},
});
const production = { project: shop, kinds: ['production'] } as const;
const reasonOf = (judgement: ReturnType<typeof judge>) => (judgement.allowed ? 'allowed' : judgement.reason);

test('what nobody was allowed is refused: any caller without a role, everything that is not about himself', () => {
  for (const action of actions.filter((each) => ruleOf(each).scope !== 'self'))
    assert.match(reasonOf(judge(has(), action, production)), /^NO_ROLE_ON_(PROJECT|EVERY_PROJECT)$/, action);
});

test('an administrator changes rules and triggers, approves and rolls back nothing', () => {
  const acting: readonly Action[] = [
    'promotion:create',
    'approval:create',
    'rollback:create',
    'hold:release',
    'pin:create',
    'build:retry',
    'verification:create',
    'veto:lift',
  ];
  for (const action of acting)
    for (const kind of environmentKinds)
      assert.equal(
        reasonOf(judge(has('admin'), action, { project: shop, kinds: [kind] })),
        'NOT_FOR_THIS_ROLE',
        action,
      );
  assert.ok(judge(has('admin'), 'project:apply', { project: shop, kinds: [] }).allowed);
});

test('a machine starts promotions to development only', () => {
  for (const kind of environmentKinds)
    assert.equal(
      reasonOf(judge(has('machine'), 'promotion:create', { project: shop, kinds: [kind] })),
      kind === 'development' ? 'allowed' : 'NOT_FOR_THIS_KIND',
      kind,
    );
});

test('readers change nothing', () => {
  const changing = actions.filter((action) => !action.endsWith(':read') && ruleOf(action).scope !== 'self');
  for (const role of ['viewer', 'auditor'] as const)
    for (const action of changing) assert.equal(ruleOf(action).allows[role], undefined, `${role} ${action}`);
});

test('every kind concerned must be allowed, each by any of the roles', () => {
  const both = { project: shop, kinds: ['development', 'production'] } as const;
  assert.equal(reasonOf(judge(has('developer'), 'promotion:create', both)), 'NOT_FOR_THIS_KIND');
  assert.equal(reasonOf(judge(has('developer', 'release-manager'), 'promotion:create', both)), 'allowed');
  assert.equal(
    reasonOf(judge(has('developer'), 'promotion:create', { project: shop, kinds: [] })),
    'NO_ENVIRONMENT_NAMED',
  );
});

test('a role on one project gives nothing on another, nor on the installation', () => {
  assert.equal(reasonOf(judge(has('admin'), 'project:apply', { project: bank, kinds: [] })), 'NO_ROLE_ON_PROJECT');
  assert.equal(
    reasonOf(judge(has('admin'), 'person:manage', { project: shop, kinds: [] })),
    'NO_ROLE_ON_EVERY_PROJECT',
  );
  assert.equal(
    reasonOf(judge(has('admin'), 'project:apply', { project: undefined, kinds: [] })),
    'NO_ROLE_ON_EVERY_PROJECT',
  );
  assert.equal(sees(has('viewer'), bank), false);
  assert.equal(sees(has('viewer'), shop), true);
});

test('a token is good for no more than its owner, and for less when it says so', () => {
  const owner = { rights: [{ role: 'developer', project: undefined }] } as const;
  const limited: Rights = { ...owner, limits: { projects: [shop], actions: ['project:read'] } };
  const at = { project: shop, kinds: ['development'] } as const;
  assert.equal(reasonOf(judge(limited, 'project:read', at)), 'allowed');
  assert.equal(reasonOf(judge(limited, 'promotion:create', at)), 'OUTSIDE_TOKEN');
  assert.equal(reasonOf(judge(limited, 'project:read', { ...at, project: bank })), 'NO_ROLE_ON_PROJECT');
  assert.equal(reasonOf(judge({ ...owner, limits: { projects: [shop] } }, 'metrics:read', at)), 'OUTSIDE_TOKEN');
  assert.deepEqual(rolesIn(limited, undefined), []);
  const caller = fc.record({
    held: fc.subarray([...roles]),
    action: fc.constantFrom(...actions),
    kinds: fc.subarray([...environmentKinds]),
    projects: fc.option(fc.subarray([shop, bank]), { nil: undefined }),
    allowed: fc.option(fc.subarray([...actions]), { nil: undefined }),
  });
  fc.assert(
    fc.property(caller, ({ held, action, kinds, projects, allowed }) => {
      const about = { project: shop, kinds };
      const less = judge({ ...has(...held), limits: { projects, actions: allowed } }, action, about);
      assert.ok(!less.allowed || judge(has(...held), action, about).allowed);
    }),
  );
});

test('one more role never takes anything away', () => {
  const asked = fc.record({
    held: fc.subarray([...roles]),
    more: fc.constantFrom(...roles),
    action: fc.constantFrom(...actions),
    kinds: fc.subarray([...environmentKinds], { minLength: 1 }),
  });
  fc.assert(
    fc.property(asked, ({ held, more, action, kinds }) => {
      const about = { project: shop, kinds };
      assert.ok(!judge(has(...held), action, about).allowed || judge(has(...held, more), action, about).allowed);
    }),
  );
});
