import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bucketOf,
  countAbove,
  emptyHistogram,
  merge,
  quantileMs,
  since,
  total,
  upperBoundOf,
  withTime,
} from './histogram.ts';

const time = fc.double({ min: 0.11, max: 599_999, noNaN: true });
const of = (times: readonly number[]) => times.reduce(withTime, emptyHistogram);

test('a time falls into the bucket whose bounds hold it, to within 2.2 %', () => {
  fc.assert(
    fc.property(time, (milliseconds) => {
      const bound = upperBoundOf(bucketOf(milliseconds));
      assert.ok(bound >= milliseconds * (1 - 1e-9) && bound <= milliseconds * 1.0221, `${milliseconds} ${bound}`);
    }),
  );
});

test('what is out of range falls into the first or last bucket', () => {
  assert.deepEqual([bucketOf(0), bucketOf(-1), bucketOf(Number.NaN)], [0, 0, 0]);
  assert.equal(bucketOf(Number.POSITIVE_INFINITY), bucketOf(600_000));
});

test('merging is counting together', () => {
  fc.assert(
    fc.property(fc.array(time), fc.array(time), (left, right) => {
      assert.deepEqual(merge(of(left), of(right)), of([...left, ...right]));
    }),
  );
});

test('what came since an earlier reading is the difference, and all of it after a restart', () => {
  fc.assert(
    fc.property(fc.array(time), fc.array(time, { minLength: 1 }), (before, more) => {
      assert.deepEqual(since(of(before), of([...before, ...more])), of(more));
    }),
  );
  assert.deepEqual(since(of([5, 5, 9]), of([5])), of([5]));
});

test('a quantile has at least its share at or below it, and less than that below its bucket', () => {
  fc.assert(
    fc.property(fc.array(time, { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (times, quantile) => {
      const sorted = [...times].sort((left, right) => left - right);
      const exact = sorted[Math.max(1, Math.ceil(times.length * quantile)) - 1]!;
      const said = quantileMs(of(times), quantile)!;
      assert.ok(said >= exact * (1 - 1e-9) && said <= exact * 1.0221, `${said} ${exact}`);
    }),
  );
  assert.equal(quantileMs(emptyHistogram, 0.5), undefined);
  assert.throws(() => quantileMs(of([1]), 1.5), RangeError);
});

test('what is above a bucket took longer than its bound', () => {
  const histogram = of([1, 10, 100, 1_000]);
  assert.equal(countAbove(histogram, bucketOf(10)), 2);
  assert.equal(countAbove(histogram, bucketOf(1_000)), 0);
  assert.equal(total(histogram), 4);
});
