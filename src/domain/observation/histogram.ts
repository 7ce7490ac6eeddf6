/**
 * Response times in buckets whose bounds grow by a constant factor, so that histograms of instances, intervals and
 * machines are merged by adding counts, and a quantile is known to within one bucket (about 2.2 %).
 *
 * The layout is that of DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
 * relative-error guarantees", VLDB 2019) with the factor 2^(1/32) and without collapsing: 0.1 ms to 10 min are 721 buckets.
 */
export interface Histogram {
  /** Requests by bucket; empty buckets are absent. */
  readonly counts: Readonly<Record<number, number>>;
}

export const emptyHistogram: Histogram = { counts: {} };

const bucketsPerDoubling = 32;
const smallestMs = 0.1;
const largestMs = 600_000;
const lastBucket = bucketOf(largestMs);

/** The bucket of a response time in milliseconds; what is shorter or longer than the range falls into the first or last. */
export function bucketOf(milliseconds: number): number {
  if (!(milliseconds > smallestMs)) return 0;
  const exact = Math.log2(Math.min(milliseconds, largestMs) / smallestMs) * bucketsPerDoubling;
  // A time that is a bound itself belongs below it, also when the logarithm is off in its last digit.
  return Math.ceil(exact - 1e-9);
}

/** The longest response time, in milliseconds, that falls into a bucket. */
export function upperBoundOf(bucket: number): number {
  return smallestMs * 2 ** (bucket / bucketsPerDoubling);
}

export function withTime(histogram: Histogram, milliseconds: number): Histogram {
  const bucket = bucketOf(milliseconds);
  return { counts: { ...histogram.counts, [bucket]: (histogram.counts[bucket] ?? 0) + 1 } };
}

export function merge(...histograms: readonly Histogram[]): Histogram {
  const counts: Record<number, number> = {};
  for (const histogram of histograms)
    for (const [bucket, count] of entries(histogram)) counts[bucket] = (counts[bucket] ?? 0) + count;
  return { counts };
}

/** What came after an earlier reading of the same growing histogram. A counter that fell began anew: all of it counts. */
export function since(before: Histogram, after: Histogram): Histogram {
  const restarted = entries(before).some(([bucket, count]) => (after.counts[bucket] ?? 0) < count);
  if (restarted) return after;
  const counts: Record<number, number> = {};
  for (const [bucket, count] of entries(after)) {
    const grown = count - (before.counts[bucket] ?? 0);
    if (grown > 0) counts[bucket] = grown;
  }
  return { counts };
}

export function total(histogram: Histogram): number {
  return entries(histogram).reduce((sum, [, count]) => sum + count, 0);
}

/** How many took longer than the upper bound of a bucket. */
export function countAbove(histogram: Histogram, bucket: number): number {
  return entries(histogram).reduce((sum, [at, count]) => (at > bucket ? sum + count : sum), 0);
}

/**
 * The bucket below whose upper bound (inclusive) at least the share `quantile` of the requests lies.
 * `undefined` without requests. @throws RangeError for a quantile outside 0 to 1.
 */
export function quantileBucket(histogram: Histogram, quantile: number): number | undefined {
  if (!(quantile >= 0 && quantile <= 1)) throw new RangeError(`a quantile is between 0 and 1, not ${quantile}`);
  const wanted = Math.max(1, Math.ceil(total(histogram) * quantile));
  let seen = 0;
  for (const [bucket, count] of entries(histogram)) {
    seen += count;
    if (seen >= wanted) return bucket;
  }
  return undefined;
}

/** A quantile in milliseconds, rounded up to the bound of its bucket. */
export function quantileMs(histogram: Histogram, quantile: number): number | undefined {
  const bucket = quantileBucket(histogram, quantile);
  return bucket === undefined ? undefined : upperBoundOf(bucket);
}

/** In the order of their times. */
function entries(histogram: Histogram): readonly (readonly [number, number])[] {
  return Object.entries(histogram.counts)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .filter(([bucket]) => bucket >= 0 && bucket <= lastBucket)
    .sort(([left], [right]) => left - right);
}
