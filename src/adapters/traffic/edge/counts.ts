/** What one side did, counted in place: this is asked for every request. */
import { bucketOf } from '../../../domain/observation/histogram.ts';
import type { Sample, Traffic } from '../../../domain/observation/sample.ts';
import { onlyClass } from '../../../domain/pipeline/route-classes.ts';

/** The status of a request whose client left before the answer; nginx calls it so too. */
export const clientLeft = 499;

export interface Counter {
  /** A request of a class of routes was answered with this status, or not at all (`undefined`), after so many ms. */
  ended(status: number | undefined, milliseconds: number, routeClass: string): void;
  read(): Traffic;
}

interface Counts {
  requests: number;
  failures: number;
  readonly buckets: Record<number, number>;
}

export function createCounter(): Counter {
  const usual = empty();
  const classes = new Map<string, Counts>([[onlyClass, usual]]);
  return {
    ended(status, milliseconds, routeClass) {
      let counts = routeClass === onlyClass ? usual : classes.get(routeClass);
      if (counts === undefined) {
        counts = empty();
        classes.set(routeClass, counts);
      }
      counts.requests += 1;
      if (status === undefined || status >= 500) counts.failures += 1;
      const bucket = bucketOf(milliseconds);
      counts.buckets[bucket] = (counts.buckets[bucket] ?? 0) + 1;
    },
    read: () => Object.fromEntries([...classes].map(([name, counts]) => [name, sampleOf(counts)])),
  };
}

function empty(): Counts {
  return { requests: 0, failures: 0, buckets: {} };
}

function sampleOf({ requests, failures, buckets }: Counts): Sample {
  return { requests, failures, latency: { counts: { ...buckets } } };
}
