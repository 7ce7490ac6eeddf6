/**
 * The end-of-test summary of k6. In what `handleSummary` gets, a metric has `values` and a threshold says `ok`. What
 * `--summary-export` writes is flat, and there `true` means that the threshold was crossed (grafana/k6#1498).
 */
import type { LoadDetails } from '../../domain/release/evidence-details.ts';
import type { Reading } from '../../domain/release/reading.ts';
import { at, countOf, entriesOf, isObject, measureOf, textOf } from './json-value.ts';
import { inconclusive, type Report } from './reading.ts';

export function readK6({ value }: Report): Reading {
  const metrics = at(value, 'metrics');
  if (!isObject(metrics)) return inconclusive('the report is no summary of k6: it has no metrics');
  const thresholds = thresholdsIn(metrics);
  if (thresholds === undefined) return inconclusive('the report writes thresholds in a way that k6 does not');
  const requests =
    countOf(valueIn(metrics, 'http_reqs', 'count')) ?? countOf(valueIn(metrics, 'iterations', 'count')) ?? 0;
  const details: LoadDetails = {
    of: 'load',
    metrics: {
      requests,
      // A rate is `rate` in one form and `value` in the other.
      errorRate: Math.min(1, rateIn(metrics, 'http_req_failed') ?? 0),
      requestsPerSecond: measureOf(valueIn(metrics, 'http_reqs', 'rate')),
      p50: measureOf(valueIn(metrics, 'http_req_duration', 'med')),
      p95: measureOf(valueIn(metrics, 'http_req_duration', 'p(95)')),
      p99: measureOf(valueIn(metrics, 'http_req_duration', 'p(99)')),
      max: measureOf(valueIn(metrics, 'http_req_duration', 'max')),
    },
    thresholds: thresholds.slice(0, 100),
  };
  const crossed = thresholds.filter(({ ok }) => !ok);
  const summary = `k6: ${requests} requests, ${thresholds.length - crossed.length} of ${thresholds.length} thresholds held`;
  if (crossed.length > 0)
    return {
      verdict: 'FAIL',
      summary: `${summary}: crossed ${crossed
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')}`,
      details,
    };
  if (thresholds.length === 0)
    return inconclusive(`k6: ${requests} requests, but no threshold says what is good`, details);
  // A threshold on a metric without samples holds whatever happens.
  if (requests === 0) return inconclusive('k6: nothing was requested', details);
  return { verdict: 'PASS', summary, details };
}

function valueIn(metrics: object, metric: string, key: string): unknown {
  return at(metrics, metric, 'values', key) ?? at(metrics, metric, key);
}

function rateIn(metrics: object, metric: string): number | undefined {
  return measureOf(valueIn(metrics, metric, 'rate')) ?? measureOf(valueIn(metrics, metric, 'value'));
}

/** `undefined` when one of them is of neither form, or both forms are mixed. */
function thresholdsIn(metrics: object): LoadDetails['thresholds'] | undefined {
  const found: { name: string; ok: boolean }[] = [];
  const forms = new Set<'summary' | 'export'>();
  for (const [metric, body] of entriesOf(metrics)) {
    const form = isObject(at(body, 'values')) ? 'summary' : 'export';
    for (const [expression, said] of entriesOf(at(body, 'thresholds'))) {
      const ok = form === 'summary' ? at(said, 'ok') : typeof said === 'boolean' ? !said : undefined;
      if (typeof ok !== 'boolean') return undefined;
      forms.add(form);
      found.push({ name: textOf(`${metric} ${expression}`) ?? 'unnamed', ok });
    }
  }
  return forms.size > 1 ? undefined : found;
}
