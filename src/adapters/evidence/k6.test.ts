import assert from 'node:assert/strict';
import { test } from 'node:test';
import { golden, loadOf, readingOf } from '../../../test/make/report-of.ts';

const summary = (thresholds: unknown, requests = 500) => ({
  root_group: {},
  metrics: {
    http_reqs: { type: 'counter', contains: 'default', values: { count: requests, rate: 50 } },
    http_req_duration: {
      type: 'trend',
      contains: 'time',
      values: { med: 10, 'p(95)': 40, 'p(99)': 60, max: 80 },
      thresholds,
    },
    http_req_failed: { type: 'rate', contains: 'default', values: { rate: 0.002, passes: 1, fails: 499 } },
  },
});
const exported = (thresholds: unknown) => ({
  root_group: {},
  metrics: {
    http_reqs: { count: 500, rate: 50 },
    http_req_duration: { med: 10, 'p(95)': 40, thresholds },
    http_req_failed: { value: 0.002, passes: 1, fails: 499 },
  },
});
const read = (report: unknown) => readingOf(report, { format: 'k6' });

test('both documented forms are recognised and mean the same', async () => {
  for (const form of ['handle-summary', 'summary-export']) {
    const held = await readingOf(golden(`k6-${form}-held.json`));
    const crossed = await readingOf(golden(`k6-${form}-crossed.json`));
    assert.deepEqual([held.verdict, crossed.verdict], ['PASS', 'FAIL'], form);
    assert.match(crossed.summary, /crossed http_req_duration p\(95\)<200/);
  }
});

test('the thresholds of --summary-export are inverted: true is crossed', async () => {
  assert.equal((await read(exported({ 'p(95)<500': false }))).verdict, 'PASS');
  assert.equal((await read(exported({ 'p(95)<500': true }))).verdict, 'FAIL');
  assert.equal((await read(summary({ 'p(95)<500': { ok: true } }))).verdict, 'PASS');
  assert.equal((await read(summary({ 'p(95)<500': { ok: false } }))).verdict, 'FAIL');
});

test('R20: a form that is neither, or both at once, is not guessed at', async () => {
  for (const thresholds of [{ a: true }, { a: { ok: 'yes' } }, { a: {} }, { a: 1 }])
    assert.equal((await read(summary(thresholds))).verdict, 'INCONCLUSIVE', JSON.stringify(thresholds));
  assert.equal((await read(exported({ a: { ok: true } }))).verdict, 'INCONCLUSIVE');
  const both = summary({ a: { ok: true } });
  assert.equal(
    (await read({ ...both, metrics: { ...both.metrics, checks: { value: 1, thresholds: { b: false } } } })).verdict,
    'INCONCLUSIVE',
  );
});

test('R20: without a threshold, or without a request, nothing was shown', async () => {
  for (const report of [summary(undefined), summary({}), summary({ a: { ok: true } }, 0), { metrics: {} }, {}, []])
    assert.equal((await read(report)).verdict, 'INCONCLUSIVE', JSON.stringify(report));
});

test('times and rates are taken from either form', async () => {
  const one = loadOf(await read(summary({ a: { ok: true } }))).metrics;
  assert.deepEqual(one, { requests: 500, errorRate: 0.002, requestsPerSecond: 50, p50: 10, p95: 40, p99: 60, max: 80 });
  const other = loadOf(await read(exported({ a: false }))).metrics;
  assert.deepEqual([other.requests, other.errorRate, other.p95, other.p99], [500, 0.002, 40, undefined]);
});
