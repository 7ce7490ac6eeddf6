import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  approvalBy,
  factsWith,
  hour,
  idOf,
  later,
  noon,
  promotionWith,
  questionWith,
  releaseWith,
  runningProgress,
  sha256,
  thePlan,
} from '../../../test/make-facts.ts';
import type { Window } from '../base/calendar.ts';
import type { Approval } from '../promotion/facts.ts';
import { approvalGate, turnGate, windowGate } from './people-and-time.ts';

const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const daily = (from: string, to: string, deny: Window['deny'] = []): Window => ({
  zone: 'UTC',
  allow: [{ days: everyDay, from, to }],
  deny,
});
const inWindows = (windows: readonly Window[], kind: 'promotion' | 'rollback' = 'promotion') =>
  windowGate.answer(questionWith({ gates: windows.map((window) => ({ gate: 'window', window })), kind }));

test('R26: outside the window the answer names the next opening and asks again then', () => {
  const answer = inWindows([daily('14:00', '16:00')]);
  assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'time');
  assert.equal(answer.askAgainAt, later(2 * hour));
  assert.match(answer.unblock, /2026-03-04T14:00Z/);
  assert.equal(inWindows([daily('11:00', '13:00')])?.answer, 'open');
});

test('R26: deny beats allow', () => {
  const denied = daily('11:00', '18:00', [{ fromDate: '2026-03-04', toDate: '2026-03-04' }]);
  const answer = inWindows([denied]);
  assert.ok(answer?.answer === 'waiting');
  assert.equal(answer.askAgainAt, later(23 * hour));
});

test('R26: several windows must all be open; the latest of their openings is named', () => {
  const answer = inWindows([daily('11:00', '13:00'), daily('14:00', '16:00'), daily('15:00', '16:00')]);
  assert.ok(answer?.answer === 'waiting');
  assert.equal(answer.askAgainAt, later(3 * hour));
});

test('R26: a window that never opens waits for a person, not for a time', () => {
  const never: Window = {
    zone: 'UTC',
    allow: [{ days: everyDay, from: '08:00', to: '09:00' }],
    deny: [{ days: everyDay, from: '00:00', to: '24:00' }],
  };
  for (const windows of [[never], [never, daily('14:00', '16:00')], [daily('14:00', '16:00'), never]]) {
    const answer = inWindows(windows);
    assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'person' && answer.askAgainAt === undefined);
  }
});

test('R36: windows do not keep a rollback waiting; without windows there is no such gate', () => {
  assert.equal(inWindows([daily('14:00', '16:00')], 'rollback'), undefined);
  assert.equal(inWindows([]), undefined);
});

test('R7: while one promotion runs the others wait for their turn, and the answer names it', () => {
  const facts = factsWith({ open: [promotionWith(1, { progress: runningProgress() }), promotionWith(2)] });
  for (const kind of ['promotion', 'rollback'] as const) {
    const answer = turnGate.answer(questionWith({ facts, kind }));
    assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'turn');
    assert.match(answer.because, /prm_0+1 is being deployed to production/);
  }
});

test('R7: a lease that has not run out keeps everybody waiting until then', () => {
  const lease = { id: idOf('lse', 1), promotion: idOf('prm', 1), holder: 'somebody', expiresAt: later(1) };
  const answer = turnGate.answer(questionWith({ facts: factsWith({ lease }) }));
  assert.ok(answer?.answer === 'waiting' && answer.askAgainAt === later(1));
  assert.equal(
    turnGate.answer(questionWith({ facts: factsWith({ lease: { ...lease, expiresAt: noon } }) })),
    undefined,
  );
});

test('R8, R42: in a queue whoever is not first waits for the one before it, by name', () => {
  const facts = factsWith({ spec: { queue: 'queue' }, open: [promotionWith(1), promotionWith(2)] });
  const answer = turnGate.answer(questionWith({ facts }));
  assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'turn');
  assert.match(answer.because, /prm_0+1 is before it in the queue/);
  assert.equal(turnGate.answer(questionWith({ facts, promotion: idOf('prm', 1) })), undefined);
  assert.equal(turnGate.answer(questionWith({ facts, kind: 'rollback' })), undefined);
});

const approved = (approvals: readonly Approval[], count = 2) =>
  approvalGate.answer(questionWith({ gates: [{ gate: 'approval', count }], release: releaseWith(2, { approvals }) }));
const otherPlan = sha256('another plan');

test('R22: n of m counts distinct people, however often they said so', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('ann', 'bob', 'cid'), { maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      (actors, count) => {
        const answer = approved(
          actors.map((actor) => approvalBy(actor, thePlan)),
          count,
        );
        assert.equal(answer?.answer, new Set(actors).size >= count ? 'open' : 'waiting');
      },
    ),
  );
});

test('R21: approvals of another plan count for nothing, and the answer says that they are void', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom('ann', 'bob', 'cid', 'dan')), (actors) => {
      const answer = approved(actors.map((actor) => approvalBy(actor, otherPlan)));
      assert.equal(answer?.answer, 'waiting');
      for (const actor of actors) assert.ok(answer!.because.includes(actor));
      assert.equal(answer!.because.includes('void'), actors.length > 0);
    }),
  );
});

test('R23: one rejection of this plan closes it, whoever approved it before or after', () => {
  const people = fc.constantFrom('ann', 'bob', 'cid');
  const given = fc.array(
    fc.tuple(people, fc.constantFrom('approve' as const, 'reject' as const), fc.constantFrom(thePlan, otherPlan)),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(given, (decisions) => {
      const answer = approved(decisions.map(([actor, decision, plan]) => approvalBy(actor, plan, decision)));
      const rejected = decisions.some(([, decision, plan]) => decision === 'reject' && plan === thePlan);
      assert.equal(answer?.answer === 'closed', rejected);
    }),
  );
});

test('R42: an answer that waits for approval says how many are missing and how to give one', () => {
  const answer = approved([approvalBy('ann', thePlan)]);
  assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'person');
  assert.equal(answer.because, '1 of 2 approvals');
  assert.match(answer.unblock, /liftlock approve 2 production/);
});

test('R36: nobody is asked to approve a rollback', () => {
  assert.equal(
    approvalGate.answer(questionWith({ gates: [{ gate: 'approval', count: 1 }], kind: 'rollback' })),
    undefined,
  );
  assert.equal(approvalGate.answer(questionWith()), undefined);
});
