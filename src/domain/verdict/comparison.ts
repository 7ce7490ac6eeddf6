/** The new release against the stable one, at the same time and under the same kinds of requests. */
import {
  countAbove,
  emptyHistogram,
  merge,
  quantileBucket,
  upperBoundOf,
  type Histogram,
} from '../observation/histogram.ts';
import { countOf, emptySample, sumOf, timed, type Sample, type Traffic } from '../observation/sample.ts';
import { evidenceAgainst, evidenceOfSafety, freshCoin, toss, type CoinTest } from './coin-test.ts';

/** What is compared; each is a test of its own. */
export const comparedMetrics = ['errors', 'slow', 'slowest', 'clientErrors'] as const;
export type ComparedMetric = (typeof comparedMetrics)[number];
type TimeMetric = 'slow' | 'slowest';

/** How α is shared among the metrics (their sum is 1): failed requests hurt most, so they are believed soonest. */
const partOfAlpha: Readonly<Record<ComparedMetric, number>> = {
  errors: 0.8,
  slow: 0.07,
  slowest: 0.07,
  clientErrors: 0.06,
};

/** Where client errors were not counted, as in what older versions recorded: its verdicts stay what they were. */
const partWithoutClientErrors = { errors: 0.8, slow: 0.1, slowest: 0.1, clientErrors: 0 };

/**
 * So many more of the requests must be answered with 4xx before it is blamed for them. They come in rows, unlike what the coin assumes:
 * one client whose session is over asks on and on, and where users stay on their side, all of it falls on one.
 */
const clientErrorMargin = 0.1;

/** The part of the stable release's requests that is faster than what counts as slow. */
const quantileOf: Readonly<Record<TimeMetric, number>> = { slow: 0.95, slowest: 0.99 };

/** Stable requests that must be known before a time is called slow by them. */
const enoughForQuantile: Readonly<Record<TimeMetric, number>> = { slow: 200, slowest: 1_000 };

export interface ComparisonTests extends Readonly<Record<Exclude<ComparedMetric, 'clientErrors'>, CoinTest>> {
  /** Absent until they were counted on both sides. */
  readonly clientErrors?: CoinTest;
}

/** Everything the verdict depends on; stored with it, so that it can be recomputed. */
export interface Comparison {
  readonly tests: ComparisonTests;
  readonly ofNew: Sample;
  readonly ofStable: Sample;
  /** Stable response times so far by class of route: what counts as slow is read from them before each span. */
  readonly stableLatency: Readonly<Record<string, Histogram>>;
}

export const freshComparison: Comparison = {
  tests: { errors: freshCoin, slow: freshCoin, slowest: freshCoin },
  ofNew: emptySample,
  ofStable: emptySample,
  stableLatency: {},
};

/** Traffic of one span in which the weights did not change, by class of route. */
export interface Span {
  readonly ofNew: Traffic;
  readonly ofStable: Traffic;
}

/**
 * Adds what was counted in one span. Each class of routes is a coin of its own, so that a new release that happens to get more
 * of the heavy requests is not blamed for them. What counts as slow was fixed before the span: that keeps the test valid.
 */
export function observe(comparison: Comparison, span: Span): Comparison {
  // In an order of their own: whoever computes it again adds the same numbers in the same order.
  const names = [...new Set([...Object.keys(span.ofNew), ...Object.keys(span.ofStable)])].sort();
  let { tests } = comparison;
  for (const name of names) {
    const ofNew = span.ofNew[name] ?? emptySample;
    const ofStable = span.ofStable[name] ?? emptySample;
    const known = comparison.stableLatency[name] ?? emptyHistogram;
    tests = {
      ...tossClientErrors(tests, ofNew, ofStable),
      errors: toss(tests.errors, {
        share: shareOf(ofNew.requests, ofStable.requests),
        ofNew: ofNew.failures,
        ofStable: ofStable.failures,
      }),
      slow: tossSlow(tests.slow, 'slow', { ofNew, ofStable, known }),
      slowest: tossSlow(tests.slowest, 'slowest', { ofNew, ofStable, known }),
    };
  }
  return {
    tests,
    ofNew: sumOf({ before: comparison.ofNew, ...prefixed(span.ofNew) }),
    ofStable: sumOf({ before: comparison.ofStable, ...prefixed(span.ofStable) }),
    stableLatency: {
      ...comparison.stableLatency,
      ...Object.fromEntries(
        Object.entries(span.ofStable).map(([name, { latency }]) => [
          name,
          merge(comparison.stableLatency[name] ?? emptyHistogram, latency),
        ]),
      ),
    },
  };
}

/** A class may be called anything, `before` included. */
function prefixed(traffic: Traffic): Traffic {
  return Object.fromEntries(Object.entries(traffic).map(([name, sample]) => [`class ${name}`, sample]));
}

/** What one side does not know cannot be compared; the test waits until both do. */
function tossClientErrors(
  tests: ComparisonTests,
  ofNew: Sample,
  ofStable: Sample,
): Pick<ComparisonTests, 'clientErrors'> {
  const { clientErrors } = tests;
  const sides = [countOf(ofNew, 'clientErrors'), countOf(ofStable, 'clientErrors')];
  const [fresh, stable] = sides;
  const named = ofNew.clientErrors !== undefined || ofStable.clientErrors !== undefined;
  if (!named || fresh === undefined || stable === undefined) return clientErrors === undefined ? {} : { clientErrors };
  const share = shareOf(ofNew.requests, ofStable.requests);
  return { clientErrors: toss(clientErrors ?? freshCoin, { share, ofNew: fresh, ofStable: stable }) };
}

function tossSlow(
  test: CoinTest,
  metric: TimeMetric,
  { ofNew, ofStable, known }: { ofNew: Sample; ofStable: Sample; known: Histogram },
): CoinTest {
  const limit = slowBeyond(known, metric);
  if (limit === undefined) return test;
  return toss(test, {
    share: shareOf(timed(ofNew), timed(ofStable)),
    ofNew: countAbove(ofNew.latency, limit),
    ofStable: countAbove(ofStable.latency, limit),
  });
}

/** The bucket above which a request counts as slow; `undefined` while too little is known of the stable release. */
function slowBeyond(known: Histogram, metric: TimeMetric): number | undefined {
  if (timed({ ...emptySample, latency: known }) < enoughForQuantile[metric]) return undefined;
  return quantileBucket(known, quantileOf[metric]);
}

function shareOf(ofNew: number, ofStable: number): number {
  return ofNew + ofStable === 0 ? 0 : ofNew / (ofNew + ofStable);
}

export interface ComparisonRule {
  /** The chance, over the whole rollout, of blaming a release that is not worse. */
  readonly alpha: number;
  /** The chance of calling a release safe whose errors are doubled. */
  readonly beta: number;
  /** Requests that each side must have had before anything is said. */
  readonly minimumRequests: number;
}

export type ComparisonVerdict =
  /** Worse, and by what. */
  | { readonly says: 'worse'; readonly metrics: readonly ComparedMetric[]; readonly because: string }
  /** Not twice as bad in any metric that has events enough to tell. */
  | { readonly says: 'safe'; readonly because: string }
  | { readonly says: 'undecided'; readonly because: string };

/** One shared function: whoever shows, decides or recomputes a verdict asks it. */
export function compare(comparison: Comparison, rule: ComparisonRule): ComparisonVerdict {
  const { ofNew, ofStable, tests } = comparison;
  const worse = evidenceOf(comparison, rule.alpha)
    .filter(({ metric, is, limit }) => is >= limit && (metric !== 'clientErrors' || isBeyondMargin(comparison)))
    .map(({ metric }) => metric);
  const few = Math.min(ofNew.requests, ofStable.requests);
  if (few < rule.minimumRequests) {
    // Counts that are beyond doubt need no minimum: waiting would only fail more requests.
    if (worse.length > 0) return blame(comparison, worse);
    const counted = `${ofNew.requests} requests of the new release, ${ofStable.requests} of the stable one`;
    return {
      says: 'undecided',
      because: few === 0 ? `no data: ${counted}` : `${counted}; ${rule.minimumRequests} of each are asked for`,
    };
  }
  if (worse.length > 0) return blame(comparison, worse);
  const unsure = (['errors', 'slow', 'slowest'] as const).filter(
    (metric) => evidenceOfSafety(tests[metric]) < 1 / rule.beta,
  );
  if (unsure.length === 0)
    return { says: 'safe', because: 'errors and slow requests are not twice as frequent as on the stable release' };
  return { says: 'undecided', because: `not enough ${unsure.map(eventsOf).join(', ')} to tell` };
}

function isBeyondMargin({ ofNew, ofStable }: Comparison): boolean {
  const [fresh, stable] = [rateOf(ofNew), rateOf(ofStable)];
  return fresh !== undefined && stable !== undefined && fresh >= stable + clientErrorMargin;
}

/** The part of the requests that was answered with 4xx, where it is known of all of them. */
export function rateOf(sample: Sample): number | undefined {
  const count = sample.requests === 0 ? undefined : sample.clientErrors;
  return count === undefined ? undefined : count / sample.requests;
}

/** How much speaks against each metric of the new release, and from where on it is blamed for it. */
export function evidenceOf(
  { tests }: Comparison,
  alpha: number,
): readonly { readonly metric: ComparedMetric; readonly is: number; readonly limit: number }[] {
  const parts = tests.clientErrors === undefined ? partWithoutClientErrors : partOfAlpha;
  return comparedMetrics.flatMap((metric) => {
    const test = tests[metric];
    return test === undefined ? [] : [{ metric, is: evidenceAgainst(test), limit: 1 / (alpha * parts[metric]) }];
  });
}

export function evidenceAgainstEach({ tests }: Comparison): Readonly<Record<ComparedMetric, number>> {
  return {
    errors: evidenceAgainst(tests.errors),
    slow: evidenceAgainst(tests.slow),
    slowest: evidenceAgainst(tests.slowest),
    clientErrors: evidenceAgainst(tests.clientErrors ?? freshCoin),
  };
}

function blame(comparison: Comparison, metrics: readonly ComparedMetric[]): ComparisonVerdict {
  const told = metrics.map((metric) => {
    const strength = evidenceAgainst(comparison.tests[metric] ?? freshCoin);
    return `${tell(comparison, metric)} (evidence ${strength < 1_000_000 ? Math.round(strength) : 'over a million'})`;
  });
  return { says: 'worse', metrics, because: told.join('; ') };
}

function tell({ ofNew, ofStable, stableLatency }: Comparison, metric: ComparedMetric): string {
  if (metric === 'errors')
    return `${percent(ofNew.failures, ofNew.requests)} of its requests failed, ${percent(ofStable.failures, ofStable.requests)} of the stable release's`;
  if (metric === 'clientErrors')
    return `${percent(ofNew.clientErrors ?? 0, ofNew.requests)} of its requests were answered with 4xx, ${percent(ofStable.clientErrors ?? 0, ofStable.requests)} of the stable release's`;
  const known = merge(...Object.values(stableLatency));
  const limit = slowBeyond(known, metric);
  if (limit === undefined) return `more ${eventsOf(metric)}`;
  const slow = (sample: Sample) => percent(countAbove(sample.latency, limit), timed(sample));
  return `${slow(ofNew)} of its requests took longer than ${Math.round(upperBoundOf(limit))} ms, ${slow(ofStable)} of the stable release's`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${Math.round((part / whole) * 1000) / 10} %`;
}

function eventsOf(metric: Exclude<ComparedMetric, 'clientErrors'>): string {
  switch (metric) {
    case 'errors':
      return 'errors';
    case 'slow':
      return 'slow requests (beyond the p95)';
    case 'slowest':
      return 'very slow requests (beyond the p99)';
  }
}
