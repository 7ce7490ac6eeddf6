import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from '../base/time.ts';
import { consequenceOf, judgeStatus, mostAttempts, pauseAfter, type AttemptOutcome } from './attempt.ts';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const failed: AttemptOutcome = { outcome: 'failed', because: 'it did not answer' };

test('whatever fails is tried exactly as often as stated, and then given up with a reason', () => {
  fc.assert(
    fc.property(chance, (luck) => {
      let at = instant(0);
      for (let attempts = 1; attempts < mostAttempts; attempts++) {
        const next = consequenceOf(failed, { attempts, at, chance: luck });
        assert.ok(next.state === 'waiting' && next.dueAt > at);
        at = next.dueAt;
      }
      const end = consequenceOf(failed, { attempts: mostAttempts, at, chance: luck });
      assert.ok(end.state === 'dead' && end.because.includes('it did not answer'));
      assert.ok(at > 15 * 3_600_000 && at < 26 * 3_600_000, `given up after ${at} ms`);
    }),
  );
});

test('pauses grow until they are six hours, and differ by at most a fifth from what they are on average', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), chance, (attempts, luck) => {
      const average = pauseAfter(attempts, 0.5);
      assert.ok(Math.abs(pauseAfter(attempts, luck) - average) <= average * 0.2 + 1);
      assert.ok(pauseAfter(attempts + 1, 0.5) >= average && average <= 6 * 3_600_000);
    }),
  );
});

test('only what was taken counts as delivered: any 2xx and nothing else; 410 ends it for good', () => {
  for (let status = 100; status < 600; status++) {
    const { outcome } = judgeStatus(status, undefined);
    assert.equal(outcome, status === 410 ? 'gone' : status >= 200 && status < 300 ? 'delivered' : 'failed');
  }
});

test('a receiver may ask for a longer pause, up to an hour, and never for a shorter one', () => {
  const dueAfter = (retryAfter: string) => {
    const next = consequenceOf(judgeStatus(503, retryAfter), { attempts: 1, at: instant(0), chance: 0.5 });
    return next.state === 'waiting' ? next.dueAt : undefined;
  };
  assert.equal(dueAfter('120'), 120_000);
  assert.equal(dueAfter('999999'), 3_600_000);
  for (const text of ['0', '-5', 'Wed, 21 Oct 2026 07:28:00 GMT', '1e9', '']) assert.equal(dueAfter(text), 5_000, text);
});
