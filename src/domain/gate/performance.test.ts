import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evidenceOf, factsWith, hour, idOf, later, questionWith, releaseWith } from '../../../test/make/facts.ts';
import type { Duration } from '../base/time.ts';
import type { PerformanceGateSpec } from '../pipeline/gate-spec.ts';
import type { Baseline } from '../promotion/proof.ts';
import type { EvidenceFact } from '../release/evidence.ts';
import type { LoadMetrics } from '../release/evidence-details.ts';
import { performanceGate } from './performance.ts';

const limits: PerformanceGateSpec = {
  gate: 'performance',
  p95: 200 as Duration,
  errorRate: 0.01,
  minRequests: 100,
  tolerance: 0.1,
  within: (24 * hour) as Duration,
  claimed: 'refused',
};
const fast: LoadMetrics = {
  requests: 5_000,
  errorRate: 0.001,
  requestsPerSecond: 500,
  p50: 20,
  p95: 100,
  p99: 180,
  max: 400,
};
const load = (metrics: Partial<LoadMetrics> = {}, changes: Partial<EvidenceFact> = {}) =>
  evidenceOf('load', {
    name: 'checkout',
    environment: 'qa',
    details: { of: 'load', metrics: { ...fast, ...metrics }, thresholds: [] },
    ...changes,
  });
const against = (evidence: readonly EvidenceFact[]): Baseline => ({
  release: idOf('rel', 1),
  number: 1,
  environment: 'production',
  evidence,
});
const asked = (
  evidence: readonly EvidenceFact[],
  changes: { baseline?: Baseline; gate?: Partial<PerformanceGateSpec> } = {},
) =>
  performanceGate.answer(
    questionWith({
      facts: factsWith({ spec: { gates: [{ ...limits, ...changes.gate }] }, baseline: changes.baseline }),
      release: releaseWith(2, { evidence }),
    }),
  );

test('R20: no load test is no pass, and neither is an inconclusive one', () => {
  assert.match(asked([])!.because, /no load test of release #2/);
  for (const verdict of ['FAIL', 'INCONCLUSIVE'] as const)
    assert.match(asked([load({}, { verdict, summary: 'as told' })])!.because, new RegExp(`is ${verdict}: as told`));
});

test('within its limits it is open, and without anything to compare with the answer says so', () => {
  const answer = asked([load()]);
  assert.equal(answer?.answer, 'open');
  assert.match(answer!.because, /p95 100 ms.*nothing runs in production to compare with/);
  assert.match(asked([load()], { baseline: against([]) })!.because, /no such load test of release #1 in production/);
});

test('every limit that is broken is told', () => {
  const answer = asked([load({ requests: 99, errorRate: 0.02, p95: 201 })]);
  assert.equal(answer?.answer, 'waiting');
  for (const part of [/99 requests tell too little/, /2 % of the requests failed/, /p95 is 201 ms; at most 200 ms/])
    assert.match(answer!.because, part);
});

test('R20: what the tool does not measure is not within its limit', () => {
  assert.match(asked([load({ p95: undefined })])!.because, /its p95 was not measured/);
  assert.match(asked([load({}, { details: undefined })])!.because, /says nothing of times/);
});

test('not more than the tolerance worse than what production runs, exactly at the border', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 150 }),
      fc.integer({ min: 1, max: 190 }),
      fc.constantFrom(0, 0.1, 0.5),
      (old, now, tolerance) => {
        const answer = asked([load({ p95: now, p99: undefined })], {
          baseline: against([load({ p95: old, p99: undefined })]),
          gate: { tolerance },
        });
        assert.equal(answer?.answer, now <= old * (1 + tolerance) ? 'open' : 'waiting');
        if (answer?.answer === 'waiting') assert.match(answer.because, /that of release #1 in production was/);
      },
    ),
  );
});

test('compared is the same test in the same place, and nothing that did not pass', () => {
  for (const other of [{ name: 'search' }, { environment: 'staging' }, { verdict: 'FAIL' as const }])
    assert.equal(asked([load({ p95: 190 })], { baseline: against([load({ p95: 10 }, other)]) })?.answer, 'open');
  assert.equal(asked([load({ p95: 190 })], { baseline: against([load({ p95: 10 })]) })?.answer, 'waiting');
});

test('R4: a test that is too old does not count', () => {
  const old = load({}, { at: later(-25 * hour) });
  assert.match(asked([old])!.because, /checkout is 25 h old; at most 24 h is allowed/);
});
