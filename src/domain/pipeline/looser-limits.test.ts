import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looserLimits } from './looser-limits.ts';

const strict = { bodyBytes: 1_000_000, connectMs: 1_000, answerMs: 10_000, idleMs: 20_000 };

test('R19: each limit that is higher or gone is told, and a lower one is not', () => {
  const said = (changes: object) => looserLimits(strict, { ...strict, ...changes }).join();
  assert.equal(said({}), '');
  assert.equal(said({ bodyBytes: 999_999, connectMs: 999, answerMs: 9_999, idleMs: 19_999 }), '');
  assert.equal(said({ bodyBytes: 1_000_001 }), 'bodies of requests may be larger, or of any size');
  assert.equal(said({ bodyBytes: undefined }), 'bodies of requests may be larger, or of any size');
  assert.equal(said({ connectMs: 1_001 }), 'an instance may take longer to be reached');
  assert.equal(said({ answerMs: 10_001 }), 'an instance may take longer to begin its answer');
  assert.equal(said({ idleMs: undefined }), 'an answer may pause for longer');
  assert.equal(looserLimits(strict, undefined).length, 4);
});

test('R19: what is usual may be written down, and shortened, without asking for less', () => {
  assert.deepEqual(looserLimits(undefined, undefined), []);
  assert.deepEqual(looserLimits(undefined, strict), []);
  assert.deepEqual(looserLimits(undefined, { connectMs: 5_000, answerMs: 60_000, idleMs: 300_000 }), []);
  assert.deepEqual(looserLimits({ answerMs: 60_000 }, { answerMs: 60_001 }), [
    'an instance may take longer to begin its answer',
  ]);
});
