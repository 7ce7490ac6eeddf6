/** What was counted of one release's traffic; every number only grows while the counting process lives. */
import { emptyHistogram, merge, since as histogramSince, total, type Histogram } from './histogram.ts';

/** Counts of one class of routes, so that a different mix of requests is not taken for a different release. */
export interface Sample extends ByKind {
  readonly requests: number;
  /** Answered with 500–599, or not at all: reset, timed out, refused. */
  readonly failures: number;
  readonly latency: Histogram;
}

/** Absent is not known: whoever counts cannot tell it, or an older version counted. */
export interface ByKind {
  /** Answered with 400–499: no failure of its own, because clients make mistakes. */
  readonly clientErrors?: number | undefined;
  /** Of the failures: nothing came from the release. */
  readonly unanswered?: number | undefined;
  /** Of the failures: the answer ended in its middle. */
  readonly brokenOff?: number | undefined;
}

const kinds = ['clientErrors', 'unanswered', 'brokenOff'] as const satisfies readonly (keyof ByKind)[];
type Kind = (typeof kinds)[number];

/** By class of route; one class named `all` where routes are not told apart. */
export type Traffic = Readonly<Record<string, Sample>>;

export const emptySample: Sample = { requests: 0, failures: 0, latency: emptyHistogram };

/** Whether an answer says that its client asked for the wrong thing. 499 is what we call a client that left. */
export function isClientError(status: number): boolean {
  return status >= 400 && status < 499;
}

/** How many of a kind there were; `undefined` where nobody knows. Of no requests there are none. */
export function countOf(sample: Sample, kind: Kind): number | undefined {
  return sample[kind] ?? (sample.requests === 0 ? 0 : undefined);
}

/** What came between two readings. Counters that fell belong to a process that began anew: all of theirs counts. */
export function between(before: Sample, after: Sample): Sample {
  const fell = kinds.some((kind) => (after[kind] ?? Infinity) < (before[kind] ?? 0));
  if (fell || after.requests < before.requests || after.failures < before.failures) return after;
  return {
    requests: after.requests - before.requests,
    failures: after.failures - before.failures,
    latency: histogramSince(before.latency, after.latency),
    ...eachKind([after, before], ([now = 0, then = 0]) => now - then),
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
    ...eachKind(samples, (counts) => counts.reduce((sum, count) => sum + count, 0)),
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

/** What one does not know nobody knows of all; a kind that none of them names is left out, so that old records stay as they are. */
function eachKind(samples: readonly Sample[], combine: (counts: readonly number[]) => number): ByKind {
  const known = kinds.flatMap((kind) => {
    if (samples.every((sample) => sample[kind] === undefined)) return [];
    const counts = samples.map((sample) => countOf(sample, kind));
    return counts.every((count) => count !== undefined) ? [[kind, combine(counts)]] : [];
  });
  return Object.fromEntries(known) as ByKind;
}
