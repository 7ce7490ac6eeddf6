import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsInForce, limitsSentence, oneTime, usualTimes } from './traffic-limits.ts';

test('one time for two is the longer one of those that are written, and the usual one without any', () => {
  assert.equal(oneTime({}), usualTimes.idleMs);
  assert.equal(oneTime({ answerMs: 500 }), 500);
  assert.equal(oneTime({ idleMs: 700 }), 700);
  assert.equal(oneTime({ answerMs: 500, idleMs: 700 }), 700);
  assert.equal(oneTime({ answerMs: 900, idleMs: 700 }), 900);
});

test('what holds is what is written, and what is usual beside it', () => {
  assert.deepEqual(limitsInForce(), { bodyBytes: undefined, ...usualTimes });
  assert.deepEqual(limitsInForce({ bodyBytes: 9, answerMs: 500 }, 'caddy'), {
    ...usualTimes,
    bodyBytes: 9,
    answerMs: 500,
  });
  for (const by of ['nginx', 'haproxy'] as const)
    assert.deepEqual(limitsInForce({ answerMs: 500 }, by), {
      bodyBytes: undefined,
      connectMs: usualTimes.connectMs,
      answerMs: 500,
      idleMs: 500,
    });
  assert.equal(
    limitsSentence(limitsInForce({ bodyBytes: 20_000_000, idleMs: 90_000 })),
    'bodies of at most 20,000,000 bytes; 5s to connect, 1m until an answer begins, 1m30s between two pieces of it',
  );
  assert.match(limitsSentence(limitsInForce()), /^bodies of any size; /);
});
