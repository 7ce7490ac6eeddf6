import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProjectId } from '../base/id.ts';
import { instant } from '../base/time.ts';
import { isInForce, roleMeanings, roles, rolesOn } from './role.ts';

const shop = 'prj_shop' as ProjectId;
const bank = 'prj_bank' as ProjectId;
const at = instant(1_000);

test('a grant counts from its beginning until just before its end, and not once it is revoked', () => {
  const grant = { from: at, until: instant(2_000), revokedAt: undefined };
  assert.deepEqual(
    [999, 1_000, 1_999, 2_000].map((now) => isInForce(grant, instant(now))),
    [false, true, true, false],
  );
  assert.equal(isInForce({ ...grant, until: undefined }, instant(8.64e15)), true);
  assert.equal(isInForce({ ...grant, revokedAt: at }, instant(1_500)), false);
});

test('a role on one project is none on another, and a role on every project is one on each', () => {
  const rights = [
    { role: 'qa', project: shop },
    { role: 'developer', project: shop },
    { role: 'auditor', project: undefined },
    { role: 'auditor', project: shop },
  ] as const;
  assert.deepEqual(rolesOn(rights, shop), ['developer', 'qa', 'auditor']);
  assert.deepEqual(rolesOn(rights, bank), ['auditor']);
  assert.deepEqual(rolesOn(rights, undefined), ['auditor']);
  assert.deepEqual(rolesOn([], shop), []);
});

test('every role has a meaning', () => {
  assert.deepEqual(Object.keys(roleMeanings), [...roles]);
});
