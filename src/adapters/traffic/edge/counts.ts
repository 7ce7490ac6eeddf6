/** What one side did, counted in place: this is asked for every request. */
import { bucketOf } from '../../../domain/observation/histogram.ts';
import { isClientError, type Sample, type Traffic } from '../../../domain/observation/sample.ts';
import { onlyClass } from '../../../domain/pipeline/route-classes.ts';

/** The status of a request whose client left before the answer; nginx calls it so too. */
export const clientLeft = 499;

/** The status of the answer, or how there came no whole one. */
export type End = number | 'unanswered' | 'brokenOff';

export interface Counter {
  /** A request of a class of routes ended so, after so many ms. */
  ended(end: End, milliseconds: number, routeClass: string): void;
  read(): Traffic;
}

interface Counts {
  requests: number;
  failures: number;
  clientErrors: number;
  unanswered: number;
  brokenOff: number;
  readonly buckets: Record<number, number>;
}

export function createCounter(): Counter {
  const usual = empty();
  const classes = new Map<string, Counts>([[onlyClass, usual]]);
  return {
    ended(end, milliseconds, routeClass) {
      let counts = routeClass === onlyClass ? usual : classes.get(routeClass);
      if (counts === undefined) {
        counts = empty();
        classes.set(routeClass, counts);
      }
      counts.requests += 1;
      if (typeof end !== 'number') counts[end] += 1;
      if (typeof end !== 'number' || end >= 500) counts.failures += 1;
      else if (isClientError(end)) counts.clientErrors += 1;
      const bucket = bucketOf(milliseconds);
      counts.buckets[bucket] = (counts.buckets[bucket] ?? 0) + 1;
    },
    read: () => Object.fromEntries([...classes].map(([name, counts]) => [name, sampleOf(counts)])),
  };
}

function empty(): Counts {
  return { requests: 0, failures: 0, clientErrors: 0, unanswered: 0, brokenOff: 0, buckets: {} };
}

function sampleOf({ buckets, ...counts }: Counts): Sample {
  return { ...counts, latency: { counts: { ...buckets } } };
}
