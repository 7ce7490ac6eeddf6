import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, withTime } from './histogram.ts';
import { add, between, emptySample, sumOf, timed, together, trafficBetween, type Sample } from './sample.ts';

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
