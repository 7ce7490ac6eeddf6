import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundariesOf, countedBySteps, curvesOf } from '../../console/src/screens/rollout/curves.ts';

type Point = Parameters<typeof curvesOf>[0][number];
const side = (requests: number, failures = 0) => ({
  requests,
  failures,
  errorRate: requests === 0 ? null : failures / requests,
  unanswered: 0,
  brokenOff: 0,
  clientErrors: 0,
  clientErrorRate: requests === 0 ? null : 0,
  p50Ms: null,
  p95Ms: requests === 0 ? null : 12,
  p99Ms: null,
});
/** The point from one second to another. */
const point = (from: number, at: number, changes: Partial<Point> = {}): Point => ({
  from: from * 1_000,
  at: at * 1_000,
  percent: 10,
  step: 1,
  ofNew: side(0),
  ofStable: side(0),
  unjudged: 0,
  evidence: null,
  ...changes,
});

test('a point without requests is a gap, not a zero', () => {
  const curves = curvesOf([point(0, 2), point(2, 4, { ofNew: side(20, 5) })]);
  assert.deepEqual(curves.at, [2, 4]);
  assert.deepEqual(curves.failed.ofNew, [null, 25]);
  assert.deepEqual(curves.p95.ofNew, [null, 12]);
  assert.deepEqual(curves.perSecond.ofNew, [0, 10]);
});

test('answers of 4xx have a curve once there were any', () => {
  const refusing = { ...side(20), clientErrors: 5, clientErrorRate: 0.25 };
  assert.equal(curvesOf([point(0, 2, { ofNew: side(20), ofStable: side(90) })]).refused, undefined);
  const { refused } = curvesOf([point(0, 2), point(2, 4, { ofNew: refusing, ofStable: side(90) })]);
  assert.deepEqual(refused, { ofNew: [null, 25], ofStable: [null, 0] });
});

test('a step begins where the point before it ended', () => {
  const points = [point(0, 1), point(1, 2), point(2, 3, { step: 2 }), point(3, 4, { step: null })];
  assert.deepEqual(boundariesOf(points), [
    { at: 0, step: 1 },
    { at: 2, step: 2 },
  ]);
});

test('what was counted is summed step by step', () => {
  const points = [
    point(0, 1, { ofNew: side(10, 1), ofStable: side(90) }),
    point(1, 2, { ofNew: side(10, 2), ofStable: side(90, 1) }),
    point(2, 3, { step: 2, ofNew: side(50, 0) }),
  ];
  const sums = countedBySteps(points);
  assert.deepEqual(sums.get(1)?.ofNew, { requests: 20, failures: 3 });
  assert.deepEqual(sums.get(1)?.ofStable, { requests: 180, failures: 1 });
  assert.deepEqual(sums.get(2)?.ofNew, { requests: 50, failures: 0 });
});
