/** What was counted of one release's traffic; every number only grows while the counting process lives. */
import { emptyHistogram, merge, since as histogramSince, total, type Histogram } from './histogram.ts';

/** Counts of one class of routes, so that a different mix of requests is not taken for a different release. */
export interface Sample {
  readonly requests: number;
  /** Answered with 500–599, or not at all: reset, timed out, refused. */
  readonly failures: number;
  readonly latency: Histogram;
}

/** By class of route; one class named `all` where routes are not told apart. */
export type Traffic = Readonly<Record<string, Sample>>;

export const emptySample: Sample = { requests: 0, failures: 0, latency: emptyHistogram };

/** What came between two readings. Counters that fell belong to a process that began anew: all of theirs counts. */
export function between(before: Sample, after: Sample): Sample {
  if (after.requests < before.requests || after.failures < before.failures) return after;
  return {
    requests: after.requests - before.requests,
    failures: after.failures - before.failures,
    latency: histogramSince(before.latency, after.latency),
  };
}

export function trafficBetween(before: Traffic, after: Traffic): Traffic {
  return Object.fromEntries(
    Object.entries(after).map(([name, sample]) => [name, between(before[name] ?? emptySample, sample)]),
  );
}

export function add(...samples: readonly Sample[]): Sample {
  return {
    requests: samples.reduce((sum, { requests }) => sum + requests, 0),
    failures: samples.reduce((sum, { failures }) => sum + failures, 0),
    latency: merge(...samples.map(({ latency }) => latency)),
  };
}

/** Of two that counted different requests. */
export function together(one: Traffic, other: Traffic): Traffic {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].map((name) => [name, add(one[name] ?? emptySample, other[name] ?? emptySample)]),
  );
}

export function sumOf(traffic: Traffic): Sample {
  return add(...Object.values(traffic));
}

/** Requests whose time is known: answered ones. */
export function timed({ latency }: Sample): number {
  return total(latency);
}
