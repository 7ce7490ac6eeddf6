import assert from 'node:assert/strict';
import { test } from 'node:test';
import { golden, loadOf, readingOf } from '../../../test/make/report-of.ts';

interface Result {
  readonly errors: number;
  readonly requests: { readonly total: number };
}
const good = JSON.parse(golden('autocannon-good.json').toString()) as Result;
const read = (report: unknown) => readingOf(report, { format: 'autocannon' });
const requested = (total: number, changes: object = {}) =>
  read({ ...good, ...changes, requests: { ...good.requests, total } });

test('what autocannon writes is read: a good run, only errors, nobody there', async () => {
  const verdicts = [];
  for (const name of ['good', 'errors', 'down'])
    verdicts.push((await readingOf(golden(`autocannon-${name}.json`))).verdict);
  assert.deepEqual(verdicts, ['PASS', 'FAIL', 'FAIL']);
});

test('autocannon measures no 95th percentile, and none is made up', async () => {
  const { metrics } = loadOf(await read(good));
  assert.equal(metrics.p95, undefined);
  assert.deepEqual([metrics.requests, metrics.errorRate, metrics.p50, metrics.p99], [500, 0, 0, 9]);
});

test('R20: errors, time-outs and answers that are no success are bounded together', async () => {
  assert.equal((await requested(1_000, { non2xx: 10 })).verdict, 'PASS');
  assert.equal((await requested(1_000, { non2xx: 11 })).verdict, 'FAIL');
  assert.equal((await requested(1_000, { errors: 11, timeouts: 11 })).verdict, 'FAIL');
  assert.equal((await requested(1_000, { mismatches: 11 })).verdict, 'FAIL');
  assert.equal((await requested(1_000, { errors: 6, non2xx: 5 })).verdict, 'FAIL');
});

test('R20: too few requests say little, none say nothing', async () => {
  assert.equal((await requested(99)).verdict, 'INCONCLUSIVE');
  assert.equal((await requested(100)).verdict, 'PASS');
  assert.equal((await requested(0)).verdict, 'INCONCLUSIVE');
});

test('R20: a count that is missing, negative or no number is not zero', async () => {
  for (const key of ['errors', 'timeouts', 'non2xx'])
    for (const value of [undefined, null, -1, 1.5, '0'])
      assert.equal((await requested(500, { [key]: value })).verdict, 'INCONCLUSIVE');
  assert.equal((await requested(500, { latency: {} })).verdict, 'INCONCLUSIVE');
});
