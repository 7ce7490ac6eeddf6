import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf } from '../observation/histogram.ts';
import type { Sample } from '../observation/sample.ts';
import { compare, evidenceOf, freshComparison, observe, type Comparison } from './comparison.ts';

const rule = { alpha: 0.01, beta: 0.05, minimumRequests: 100 };

/** Requests that took 10 ms, but for `slow` ones that took a second. */
function sample(
  requests: number,
  { failures = 0, slow = 0, refused }: { failures?: number; slow?: number; refused?: number } = {},
): Sample {
  return {
    requests,
    failures,
    ...(refused === undefined ? {} : { clientErrors: refused }),
    latency: { counts: { [bucketOf(10)]: requests - slow, ...(slow > 0 ? { [bucketOf(1_000)]: slow } : {}) } },
  };
}

function after(...spans: readonly { ofNew: Sample; ofStable: Sample }[]): Comparison {
  let comparison = freshComparison;
  for (const { ofNew, ofStable } of spans)
    comparison = observe(comparison, { ofNew: { all: ofNew }, ofStable: { all: ofStable } });
  return comparison;
}

test('R35: no data is undecided, and says so', () => {
  assert.deepEqual(compare(freshComparison, rule), {
    says: 'undecided',
    because: 'no data: 0 requests of the new release, 0 of the stable one',
  });
  const idle = after({ ofNew: sample(0), ofStable: sample(10_000) });
  assert.match(compare(idle, rule).because, /^no data: 0 requests of the new release, 10000 of the stable one$/);
});

test('too few requests decide nothing unless they are beyond doubt', () => {
  const few = after({ ofNew: sample(20, { failures: 1 }), ofStable: sample(180) });
  assert.equal(compare(few, rule).says, 'undecided');
  const broken = after({ ofNew: sample(20, { failures: 12 }), ofStable: sample(180) });
  assert.equal(compare(broken, rule).says, 'worse');
});

test('errors are blamed with the numbers of both sides', () => {
  const worse = compare(
    after({ ofNew: sample(1_000, { failures: 50 }), ofStable: sample(9_000, { failures: 90 }) }),
    rule,
  );
  assert.ok(worse.says === 'worse');
  assert.deepEqual(worse.metrics, ['errors']);
  assert.match(worse.because, /^5 % of its requests failed, 1 % of the stable release's \(evidence over a million\)$/);
});

test('a slow tail is blamed although the mean hardly moves', () => {
  const past = { ofNew: sample(0), ofStable: sample(5_000, { slow: 0 }) };
  const worse = compare(after(past, { ofNew: sample(2_000, { slow: 40 }), ofStable: sample(18_000) }), rule);
  assert.ok(worse.says === 'worse');
  assert.deepEqual(worse.metrics, ['slow', 'slowest']);
  assert.match(worse.because, /2 % of its requests took longer than 10 ms, 0 % of the stable release's/);
});

test('the same errors on both sides are called safe once there are enough of them, latency included', () => {
  const alike = Array.from({ length: 40 }, () => ({
    ofNew: sample(1_000, { failures: 10, slow: 20 }),
    ofStable: sample(1_000, { failures: 10, slow: 20 }),
  }));
  // Slow is what 5 % take: the 2 % that take a second are beyond no quantile but the 99th.
  assert.equal(compare(after(...alike), { ...rule, beta: 0.05 }).says, 'undecided');
  const manySlow = Array.from({ length: 40 }, () => ({
    ofNew: sample(1_000, { failures: 10 }),
    ofStable: sample(1_000, { failures: 10 }),
  }));
  assert.match(
    compare(after(...manySlow), rule).because,
    /^not enough slow requests \(beyond the p95\), very slow requests/,
  );
});

test('a new release that gets more of the heavy requests is not blamed for them', () => {
  let comparison = freshComparison;
  for (let span = 0; span < 20; span++) {
    comparison = observe(comparison, {
      ofNew: { light: sample(50), heavy: sample(50, { failures: 5 }) },
      ofStable: { light: sample(900), heavy: sample(100, { failures: 10 }) },
    });
  }
  assert.notEqual(compare(comparison, rule).says, 'worse');
  const mixed = after({ ofNew: sample(2_000, { failures: 100 }), ofStable: sample(20_000, { failures: 200 }) });
  assert.equal(compare(mixed, rule).says, 'worse', 'the same counts without classes would be blamed');
});

test('a verdict can be computed again from what is stored of it', () => {
  const comparison = after({ ofNew: sample(500, { failures: 30 }), ofStable: sample(4_500, { failures: 40 }) });
  const stored = JSON.parse(JSON.stringify(comparison)) as Comparison;
  assert.deepEqual(compare(stored, rule), compare(comparison, rule));
});

test('a release that answers 4xx to everybody is blamed before the minimum', () => {
  const found = after({ ofNew: sample(20, { refused: 20 }), ofStable: sample(180, { refused: 4 }) });
  const worse = compare(found, rule);
  assert.ok(worse.says === 'worse');
  assert.deepEqual(worse.metrics, ['clientErrors']);
  assert.match(worse.because, /^100 % of its requests were answered with 4xx, 2.2 % of the stable release's/);
});

test('4xx of bots on both sides alike are nothing against it, and what was not asked to be safe is not waited for', () => {
  const spans = Array.from({ length: 50 }, () => ({
    ofNew: sample(100, { refused: 30 }),
    ofStable: sample(900, { refused: 270 }),
  }));
  const verdict = compare(after(...spans), rule);
  assert.equal(verdict.says, 'undecided');
  assert.doesNotMatch(verdict.because, /4xx|client/);
});

test('one client that asks on and on after its session is over does not blame the side it is on', () => {
  const spans = Array.from({ length: 20 }, () => ({
    ofNew: sample(100, { refused: 9 }),
    ofStable: sample(900, { refused: 0 }),
  }));
  const comparison = after(...spans);
  const [told] = evidenceOf(comparison, rule.alpha).filter(({ metric }) => metric === 'clientErrors');
  assert.ok(told!.is > told!.limit, 'the coin alone would');
  assert.notEqual(compare(comparison, rule).says, 'worse');
  const more = after(...spans.map(({ ofStable }) => ({ ofNew: sample(100, { refused: 11 }), ofStable })));
  assert.equal(compare(more, rule).says, 'worse', 'more than ten of a hundred more');
});

test('without client errors, as older versions counted, nothing of a comparison or its limits changes', () => {
  const old = after({ ofNew: sample(500, { failures: 3 }), ofStable: sample(4_500, { failures: 40 }) });
  assert.deepEqual(Object.keys(old.tests).toSorted(), ['errors', 'slow', 'slowest']);
  const limits = (comparison: Comparison) => evidenceOf(comparison, 0.01).map(({ limit }) => Math.round(limit));
  assert.deepEqual(limits(old), [125, 1_000, 1_000]);
  const now = after({ ofNew: sample(500, { refused: 0 }), ofStable: sample(4_500, { refused: 0 }) });
  const parts = evidenceOf(now, 0.01).map(({ limit }) => 1 / (0.01 * limit));
  assert.ok(Math.abs(parts.reduce((sum, part) => sum + part, 0) - 1) < 1e-9, 'alpha is shared out, once');
});

test('where only one side counted them, they are not compared', () => {
  const half = after({ ofNew: sample(100, { refused: 100 }), ofStable: sample(900) });
  assert.equal(half.tests.clientErrors, undefined);
  assert.notEqual(compare(half, rule).says, 'worse');
});
