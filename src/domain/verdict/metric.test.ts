import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Duration } from '../base/time.ts';
import { parseCondition } from '../pipeline/condition.ts';
import { usualLimits, type MetricSpec } from '../pipeline/metric-spec.ts';
import { wordOf, type MetricReading } from './metric.ts';

function metric(success: string, inconclusive?: string): MetricSpec {
  const second = 1_000 as Duration;
  return {
    name: 'errors',
    source: { from: 'prometheus', url: 'http://prometheus', query: 'up' },
    every: second,
    delay: second,
    timeout: second,
    success: parseCondition(success)!,
    ...(inconclusive === undefined ? {} : { inconclusive: parseCondition(inconclusive)! }),
    limits: usualLimits,
    dryRun: false,
  };
}

const says = (spec: MetricSpec, reading: MetricReading) => wordOf(spec, reading).says;

test('a number is a success, tells nothing, or is a failure, and says what was asked for', () => {
  const spec = metric('<= 5%', '<= 10%');
  assert.deepEqual(wordOf(spec, { value: 0.05 }), { says: 'success', because: '0.05' });
  assert.equal(says(spec, { value: 0.07 }), 'inconclusive');
  assert.deepEqual(wordOf(spec, { value: 0.20004 }), { says: 'failure', because: '0.2; <= 0.05 is asked for' });
});

test('R13: what is no number, or was not measured, is never a failure', () => {
  const odd = fc.constantFrom(Number.NaN, Infinity, -Infinity);
  const spec = metric('<= 1.2 * stable');
  fc.assert(
    fc.property(odd, odd, fc.double(), (value, stable, other) => {
      assert.equal(says(metric('<= 1'), { value }), 'inconclusive');
      assert.equal(says(spec, { value: 1, stable: { value: stable } }), 'inconclusive');
      assert.equal(says(spec, { value: other }), 'inconclusive');
      const broken = { says: 'error', because: 'no answer' } as const;
      assert.equal(says(spec, { value: 1, stable: broken }), 'error');
      assert.equal(says(spec, broken), 'error');
    }),
  );
});

test('R13: what the stable release says about itself does not fail the new one', () => {
  const spec = metric('<= 1.2 * stable');
  assert.equal(says(spec, { value: 1, stable: { says: 'failure', because: 'it did not answer' } }), 'inconclusive');
  assert.deepEqual(wordOf(spec, { value: 7, stable: { value: 5 } }), {
    says: 'failure',
    because: '7, the stable release 5; <= 6 is asked for',
  });
  assert.equal(says(spec, { value: 6, stable: { value: 5 } }), 'success');
});
