import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RolloutView } from '../../api/contract/rollouts.ts';
import { metricLines, metricTroubles } from './metric.ts';

type Metric = RolloutView['metrics'][number];

const plain = { bold: same, dim: same, good: same, bad: same, warn: same };
function same(text: string): string {
  return text;
}

const lag: Metric = {
  name: 'lag',
  from: 'prometheus',
  success: '<= 0.05',
  inconclusive: null,
  dryRun: false,
  says: 'running',
  because: '2 of 3 successes so far',
  counts: { success: 2, failure: 0, inconclusive: 0, error: 0 },
  limits: { failures: 0, inconclusives: 3, consecutiveErrors: 3, successes: 3 },
  last: { at: 50_000, says: 'success', because: '0.02', value: 0.02, stable: null, limit: 0.05 },
  measuring: null,
  nextAt: 80_000,
};
const shown = (...metrics: Metric[]) => metricLines({ metrics, at: 60_000 } as unknown as RolloutView, plain);

test('a metric is told with its number, its limit, when it was measured and when it is again', () => {
  assert.deepEqual(shown(lag), ['✓ lag: 0.02 (<= 0.05), 10 s ago, again in 20 s, 2 of 3 successes']);
  assert.deepEqual(shown({ ...lag, last: null, nextAt: 55_000 }), ['· lag: not measured yet, due, 2 of 3 successes']);
});

test('each word is told as what it is, and a broken meter is not taken for a bad release', () => {
  const last = { ...lag.last!, value: null };
  const one = { ...lag, limits: { ...lag.limits, successes: 1 }, nextAt: null };
  const failed = {
    ...one,
    says: 'failure',
    counts: { ...lag.counts, failure: 1 },
    last: { ...last, says: 'failure', because: '0.2; <= 0.05 is asked for' },
  } as const;
  const broken = {
    ...one,
    last: { ...last, says: 'error', because: 'no answer within 5.0s' },
    measuring: 59_000,
  } as const;
  const empty = {
    ...one,
    counts: { ...lag.counts, inconclusive: 2 },
    last: { ...last, says: 'inconclusive', because: 'no data' },
    dryRun: true,
  } as const;
  assert.deepEqual(shown(failed, broken, empty), [
    '✗ lag: 0.2; <= 0.05 is asked for, 10 s ago, 1 failed of 0 tolerated',
    '? lag: could not be measured: no answer within 5.0s, 10 s ago, being measured',
    '? lag (dry run): tells nothing: no data, 10 s ago, 2 told nothing of 3',
  ]);
  assert.deepEqual(metricTroubles({ metrics: [lag, failed, broken, empty] } as unknown as RolloutView), [
    'lag: not as it should be',
    'lag: could not be measured',
  ]);
});
