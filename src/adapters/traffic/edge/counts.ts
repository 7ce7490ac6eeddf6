/** What one side did, counted in place: this is asked for every request. */
import { bucketOf } from '../../../domain/observation/histogram.ts';
import type { Traffic } from '../../../domain/observation/sample.ts';

export interface Counter {
  /** A request was answered with this status, or not at all (`undefined`), after so many ms. */
  ended(status: number | undefined, milliseconds: number): void;
  read(): Traffic;
}

/** One class of routes for now: an instance's own paths are not ours to sort. */
const routeClass = 'all';

export function createCounter(): Counter {
  let requests = 0;
  let failures = 0;
  const counts: Record<number, number> = {};
  return {
    ended(status, milliseconds) {
      requests += 1;
      if (status === undefined || status >= 500) failures += 1;
      const bucket = bucketOf(milliseconds);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
    read: () => ({ [routeClass]: { requests, failures, latency: { counts: { ...counts } } } }),
  };
}
