import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Duration } from '../base/time.ts';
import { parseCondition } from './condition.ts';
import { looserMetric } from './looser-metric.ts';
import { usualLimits, type MetricSpec } from './metric-spec.ts';

const minute = 60_000 as Duration;
const metric: MetricSpec = {
  name: 'lag',
  source: { from: 'prometheus', url: 'https://prometheus.example.org', query: 'lag{release="{{release}}"}' },
  every: minute,
  delay: minute,
  timeout: minute,
  success: parseCondition('<= 5')!,
  limits: { ...usualLimits, successes: 3 },
  dryRun: false,
};
const told = (changes: Partial<MetricSpec>, before = metric) =>
  looserMetric(before, [{ ...before, ...changes }]).join();

test('R19: each thing that a metric asks less of is told, and asking more is not', () => {
  assert.equal(told({}), '');
  assert.deepEqual(looserMetric(metric, []), ['the metric lag is gone']);
  assert.equal(told({ dryRun: true }), 'the metric lag no longer decides');
  assert.equal(told({ success: parseCondition('<= 6')! }), 'the metric lag lets more numbers pass');
  assert.equal(told({ success: parseCondition('<= 4')! }), '');
  assert.equal(told({ inconclusive: parseCondition('<= 9')! }), 'the metric lag has more numbers that tell nothing');
  assert.equal(told({ limits: { ...metric.limits, failures: 1 } }), 'the metric lag tolerates more');
  assert.equal(told({ limits: { ...metric.limits, successes: 1 } }), 'the metric lag needs fewer successes');
  assert.equal(told({ every: (2 * minute) as Duration }), 'the metric lag is measured later or less often');
  const query = { ...metric.source, query: 'vector(1)' } as MetricSpec['source'];
  assert.equal(told({ source: query }), 'the metric lag asks something else');
  const secret = { ...metric.source, secret: 'OTHER' } as MetricSpec['source'];
  assert.equal(told({ source: secret }), '', 'another name of the secret asks the same');
  const command: MetricSpec = { ...metric, source: { from: 'command', run: './lag', read: 'number' } };
  assert.equal(
    told({ source: { from: 'command', run: './lag', read: 'exit-code' } }, command),
    'the metric lag asks something else',
  );
});

test('R19: what never decided may go', () => {
  assert.deepEqual(looserMetric({ ...metric, dryRun: true }, []), []);
});
