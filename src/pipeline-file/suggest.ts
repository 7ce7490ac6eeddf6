/** The word a person probably meant, for hints. */

/** The nearest of `words` within a third of its length in edits (two at most); `undefined` when none is near. */
export function nearest(text: string, words: readonly string[]): string | undefined {
  let best: { word: string; edits: number } | undefined;
  for (const word of words) {
    const limit = Math.min(2, Math.floor(word.length / 3));
    const edits = distance(text.toLowerCase(), word.toLowerCase(), limit);
    if (edits <= limit && (best === undefined || edits < best.edits)) best = { word, edits };
  }
  return best?.word;
}

export function didYouMean(text: string, words: readonly string[]): string | undefined {
  const word = nearest(text, words);
  return word === undefined ? undefined : `did you mean ${word}?`;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours between two words (optimal string
 * alignment, https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance); any number above `limit` once it is passed.
 */
function distance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1];
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const edits = [at(rows, i - 1, j) + 1, (row[j - 1] ?? 0) + 1, at(rows, i - 1, j - 1) + (same ? 0 : 1)];
      if (swapped) edits.push(at(rows, i - 2, j - 2) + 1);
      row.push(Math.min(...edits));
    }
    rows.push(row);
  }
  return at(rows, left.length, right.length);
}

function at(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
