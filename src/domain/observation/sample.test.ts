import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, withTime } from './histogram.ts';
import {
  add,
  between,
  countOf,
  emptySample,
  isClientError,
  sumOf,
  timed,
  together,
  trafficBetween,
  type Sample,
} from './sample.ts';

const sample = (requests: number, failures: number): Sample => ({
  requests,
  failures,
  latency: Array.from({ length: requests }, () => 10).reduce(withTime, emptyHistogram),
});

test('between two readings is what was added', () => {
  assert.deepEqual(between(sample(10, 1), sample(15, 3)), sample(5, 2));
  assert.deepEqual(between(sample(10, 1), sample(10, 1)), emptySample);
});

test('counters of a process that began anew count from nothing', () => {
  assert.deepEqual(between(sample(10, 5), sample(4, 1)), sample(4, 1));
});

test('a class of routes that appears later counts from nothing', () => {
  assert.deepEqual(trafficBetween({ a: sample(2, 0) }, { a: sample(3, 0), b: sample(1, 1) }), {
    a: sample(1, 0),
    b: sample(1, 1),
  });
});

test('classes and instances add up', () => {
  assert.deepEqual(sumOf({ a: sample(2, 1), b: sample(3, 0) }), add(sample(1, 0), sample(4, 1)));
  assert.equal(timed(sample(7, 2)), 7);
});

test('what two processes counted of the same routes is counted together, class by class', () => {
  assert.deepEqual(together({ a: sample(2, 1), b: sample(1, 0) }, { a: sample(3, 0), c: sample(4, 4) }), {
    a: add(sample(2, 1), sample(3, 0)),
    b: sample(1, 0),
    c: sample(4, 4),
  });
});

test('kinds are counted apart, and begin with nothing where a class appears later', () => {
  const kinds = { clientErrors: 4, unanswered: 1, brokenOff: 1 };
  const after = { ...sample(10, 2), ...kinds };
  assert.deepEqual(between(emptySample, after), after);
  const more = { ...sample(12, 3), ...kinds, clientErrors: 5, unanswered: 2 };
  assert.deepEqual(between(after, more), { ...sample(2, 1), clientErrors: 1, unanswered: 1, brokenOff: 0 });
  assert.deepEqual(add(emptySample, after, after).clientErrors, 8);
});

test('what an older version counted without kinds makes no number up, and stays as it was', () => {
  const known = { ...sample(15, 3), clientErrors: 9 };
  assert.equal(between(sample(10, 1), known).clientErrors, undefined, 'nobody knows how many of the nine are new');
  assert.equal(add(sample(10, 1), known).clientErrors, undefined);
  assert.deepEqual(Object.keys(add(sample(1, 0), sample(2, 0))), ['requests', 'failures', 'latency']);
  assert.deepEqual(Object.keys(between(emptySample, sample(2, 0))), ['requests', 'failures', 'latency']);
  assert.deepEqual([countOf(emptySample, 'clientErrors'), countOf(sample(1, 0), 'clientErrors')], [0, undefined]);
});

test('a client that left is no client error', () => {
  assert.deepEqual([399, 400, 404, 498, 499, 500].map(isClientError), [false, true, true, true, false, false]);
});
