/** `autocannon --json`. It measures no 95th percentile, so there is none; 97.5 is not taken for it. */
import type { LoadDetails } from '../../domain/release/evidence-details.ts';
import type { Reading } from '../../domain/release/reading.ts';
import { at, countOf, measureOf } from './json-value.ts';
import { inconclusive, type Report } from './reading.ts';

/** Fewer say nothing about percentiles. */
const fewestRequests = 100;
const highestErrorRate = 0.01;

export function readAutocannon({ value }: Report): Reading {
  const [errors, timeouts, mismatches, non2xx] = ['errors', 'timeouts', 'mismatches', 'non2xx'].map((key) =>
    countOf(at(value, key)),
  );
  const answered = countOf(at(value, 'requests', 'total'));
  if (errors === undefined || timeouts === undefined || non2xx === undefined || answered === undefined)
    return inconclusive('the report is no result of autocannon: a count of requests or errors is missing');
  // Time-outs are among the errors; answers that are no success, or not what was expected, among the requests.
  const bad = errors + Math.max(non2xx, mismatches ?? 0);
  const tried = answered + errors;
  const errorRate = tried === 0 ? 1 : Math.min(1, bad / tried);
  const latency = at(value, 'latency');
  const details: LoadDetails = {
    of: 'load',
    metrics: {
      requests: answered,
      errorRate,
      requestsPerSecond: measureOf(at(value, 'requests', 'average')),
      p50: measureOf(at(latency, 'p50')),
      p95: undefined,
      p99: measureOf(at(latency, 'p99')),
      max: measureOf(at(latency, 'max')),
    },
    thresholds: [{ name: `errors at most ${highestErrorRate * 100} %`, ok: errorRate <= highestErrorRate }],
  };
  const summary = `autocannon: ${answered} requests, ${errors} errors (${timeouts} time-outs), ${non2xx} not 2xx, p99 ${tenths(details.metrics.p99)} ms`;
  if (tried > 0 && errorRate > highestErrorRate) return { verdict: 'FAIL', summary, details };
  if (answered < fewestRequests)
    return inconclusive(`${summary}: fewer than ${fewestRequests} requests say little`, details);
  if (details.metrics.p99 === undefined) return inconclusive(`${summary}: no latency was measured`, details);
  return { verdict: 'PASS', summary, details };
}

function tenths(milliseconds: number | undefined): string {
  return milliseconds === undefined ? 'unknown' : String(Math.round(milliseconds * 10) / 10);
}
