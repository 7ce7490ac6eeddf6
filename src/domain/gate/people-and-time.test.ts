import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  factsWith,
  hour,
  idOf,
  later,
  noon,
  promotionWith,
  questionWith,
  runningProgress,
} from '../../../test/make/facts.ts';
import type { Window } from '../base/calendar.ts';
import { turnGate, windowGate } from './people-and-time.ts';

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

test('R7: what is being deployed does not wait for itself', () => {
  const running = promotionWith(1, { progress: runningProgress() });
  const facts = factsWith({ open: [running, promotionWith(2)] });
  assert.equal(turnGate.answer(questionWith({ facts, promotion: running.id })), undefined);
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
