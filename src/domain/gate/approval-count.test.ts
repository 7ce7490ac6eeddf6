import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Approver } from '../access/approver.ts';
import type { Contributor } from '../access/independence.ts';
import { roles } from '../access/role.ts';
import { approverRoles, environmentKinds, type ApproverRole } from '../pipeline/environment.ts';
import { missingFor, rolesThatCount, standingOf, type ApprovalRule } from './approval-count.ts';

const rule = (changes: Partial<ApprovalRule> = {}): ApprovalRule => ({
  spec: { gate: 'approval', count: 1 },
  kind: 'production',
  separation: 'two-person',
  contributors: [],
  ...changes,
});
const ann: Approver = { handle: 'ann', emails: ['ann@example.org'], disabled: false, roles: ['release-manager'] };
const codeOf = (approver: Approver, changes: Partial<ApprovalRule> = {}) => {
  const standing = standingOf(approver, rule(changes));
  return standing.counts ? 'counts' : standing.code;
};
const hand = (as: Contributor['as']): Contributor =>
  as === 'signer' || as === 'requester'
    ? { as, name: 'ann', handle: 'ann' }
    : { as, name: 'Ann', email: 'ann@example.org' };

test('R22: somebody with the role and without a hand in it counts', () => {
  assert.deepEqual(standingOf(ann, rule()), { counts: true, roles: ['release-manager'] });
});

test('R22: each hand in it has its own reason code', () => {
  assert.equal(codeOf(ann, { contributors: [hand('author')] }), 'APPROVER_IS_AUTHOR');
  assert.equal(codeOf(ann, { contributors: [hand('co-author')] }), 'APPROVER_IS_CO_AUTHOR');
  assert.equal(codeOf(ann, { contributors: [hand('signer')] }), 'APPROVER_IS_SIGNER');
  assert.equal(codeOf(ann, { contributors: [hand('requester')] }), 'APPROVER_IS_REQUESTER');
});

test('R22: with separation none authors count, and are told as not independent', () => {
  const standing = standingOf(ann, rule({ separation: 'none', contributors: [hand('author')] }));
  assert.ok(standing.counts);
  assert.equal(standing.notIndependent, 'ann is an author');
});

test('R22: whoever lost the role, or is disabled, counts no more, with any separation', () => {
  for (const separation of ['none', 'two-person'] as const) {
    assert.equal(codeOf({ ...ann, disabled: true }, { separation }), 'APPROVER_DISABLED');
    assert.equal(codeOf({ ...ann, roles: ['developer', 'admin', 'auditor'] }, { separation }), 'APPROVER_LACKS_ROLE');
    assert.equal(codeOf({ ...ann, roles: [] }, { separation }), 'APPROVER_LACKS_ROLE');
  }
});

test('the roles of the gate replace those that the kind of environment allows', () => {
  assert.equal(codeOf({ ...ann, roles: ['stakeholder'] }), 'APPROVER_LACKS_ROLE');
  assert.equal(codeOf({ ...ann, roles: ['stakeholder'] }, { kind: 'staging' }), 'counts');
  const spec = { gate: 'approval', count: 1, roles: ['qa'] } as const;
  assert.equal(codeOf({ ...ann, roles: ['qa'] }, { spec }), 'counts');
  assert.equal(codeOf(ann, { spec }), 'APPROVER_LACKS_ROLE');
});

test('administrators and auditors approve nowhere', () => {
  for (const kind of environmentKinds)
    for (const role of ['admin', 'auditor', 'viewer', 'developer', 'machine'] as const)
      assert.ok(!(rolesThatCount(rule({ kind })) as readonly string[]).includes(role));
});

test('R22: rights only ever add: one more role makes nobody stop counting', () => {
  fc.assert(
    fc.property(
      fc.subarray([...roles]),
      fc.constantFrom(...roles),
      fc.constantFrom(...environmentKinds),
      (held, more, kind) => {
        const before = codeOf({ ...ann, roles: held }, { kind });
        if (before === 'counts') assert.equal(codeOf({ ...ann, roles: [...held, more] }, { kind }), 'counts');
      },
    ),
  );
});

const someRoles = fc.subarray([...approverRoles]);
const needs = fc.record({
  count: fc.integer({ min: 1, max: 5 }),
  each: fc.dictionary(fc.constantFrom(...approverRoles), fc.integer({ min: 1, max: 2 }), { maxKeys: 3 }),
});

/** All ways to seat people, one after another: slow and plainly right. */
function mostSeated(places: readonly ApproverRole[], people: readonly (readonly ApproverRole[])[]): number {
  const [person, ...rest] = people;
  if (person === undefined) return 0;
  const seated = places.flatMap((role, index) =>
    person.includes(role) ? [1 + mostSeated(places.toSpliced(index, 1), rest)] : [],
  );
  return Math.max(mostSeated(places, rest), ...seated);
}

test('n-of-m: the places of roles are filled by as many different people as can be', () => {
  fc.assert(
    fc.property(needs, fc.array(someRoles, { maxLength: 5 }), ({ count, each }, people) => {
      const places = approverRoles.flatMap((role) => Array.from({ length: each[role] ?? 0 }, () => role));
      const unfilled = places.length - mostSeated(places, people);
      const missing = missingFor({ count, each }, people);
      assert.equal(missing.roles.length, unfilled);
      assert.equal(missing.people, Math.max(0, count - people.length, unfilled));
      for (const role of missing.roles) assert.ok(each[role] !== undefined);
    }),
    { numRuns: 500 },
  );
});

test('n-of-m: what is told as missing is enough, and one less is not', () => {
  fc.assert(
    fc.property(needs, fc.array(someRoles, { maxLength: 4 }), (need, people) => {
      const missing = missingFor(need, people);
      const extra = Array.from({ length: missing.people }, (_, index) => {
        const role = missing.roles[index];
        return role === undefined ? [] : [role];
      });
      assert.deepEqual(missingFor(need, [...people, ...extra]), { people: 0, roles: [] });
      if (extra.length > 0) assert.ok(missingFor(need, [...people, ...extra.slice(1)]).people > 0);
    }),
  );
});

test('n-of-m: the order in which people approved changes nothing', () => {
  fc.assert(
    fc.property(needs, fc.array(someRoles, { maxLength: 5 }), (need, people) => {
      const turned = missingFor(need, people.toReversed());
      assert.equal(turned.people, missingFor(need, people).people);
      assert.equal(turned.roles.length, missingFor(need, people).roles.length);
    }),
  );
});

test('n-of-m: somebody with two roles stands for one of them', () => {
  const need = { count: 2, each: { qa: 1, 'release-manager': 1 } } as const;
  assert.deepEqual(missingFor(need, [['qa', 'release-manager']]), { people: 1, roles: ['release-manager'] });
  assert.deepEqual(missingFor(need, [['qa', 'release-manager'], ['qa']]), { people: 0, roles: [] });
});
