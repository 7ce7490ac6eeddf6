import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyse, counting, nothingCounted, type MeasurementWord, type MetricRule } from './analysis.ts';

const rule: MetricRule = {
  name: 'error-rate',
  limits: { failures: 2, inconclusives: 1, consecutiveErrors: 2, successes: 3 },
  dryRun: false,
};
const analysis = (said: readonly MeasurementWord[], ended: boolean, by = rule) =>
  analyse(by, said.reduce(counting, nothingCounted), ended);
const word = fc.constantFrom<MeasurementWord>('success', 'failure', 'inconclusive', 'error');

test('a limit is what is tolerated: the third failure decides, the second does not', () => {
  assert.equal(analysis(['failure', 'failure'], false).says, 'running');
  assert.deepEqual(analysis(['failure', 'failure', 'failure'], false), {
    name: 'error-rate',
    says: 'failure',
    because: '3 failures, 2 are tolerated',
    dryRun: false,
  });
});

test('errors count in a row, and a measurement that works begins the count again', () => {
  assert.equal(analysis(['error', 'error', 'success', 'error', 'error'], false).says, 'running');
  assert.equal(analysis(['error', 'error', 'error'], false).says, 'inconclusive');
});

test('R13: what could not be measured is never a failure', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<MeasurementWord>('error', 'inconclusive', 'success')),
      fc.boolean(),
      (measured, ended) => {
        assert.notEqual(analysis(measured, ended).says, 'failure');
      },
    ),
  );
});

test('failure dominates, whatever else was measured and in whatever order', () => {
  fc.assert(
    fc.property(fc.array(word), fc.boolean(), (measured, ended) => {
      const failed = measured.filter((said) => said === 'failure').length > rule.limits.failures;
      assert.equal(analysis(measured, ended).says === 'failure', failed);
    }),
  );
});

test('R20: ended without its successes is inconclusive, with nothing measured as well', () => {
  assert.equal(analysis([], true).says, 'inconclusive');
  assert.equal(analysis(['success', 'success'], true).says, 'inconclusive');
  assert.equal(analysis(['success', 'success', 'success'], true).says, 'success');
  const undemanding = { ...rule, limits: { ...rule.limits, successes: 0 } };
  assert.equal(analysis([], true, undemanding).says, 'inconclusive');
});
