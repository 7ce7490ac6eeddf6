/** Durations in a sentence. */

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** `after 812 ms (median), 1904 ms at most, 12 times`. */
export function spread(milliseconds: readonly number[]): string {
  if (milliseconds.length === 0) return 'never measured';
  return `after ${Math.round(median(milliseconds))} ms (median), ${Math.round(Math.max(...milliseconds))} ms at most, ${milliseconds.length} times`;
}
