/** The lines in which two short texts differ, in their order: what is left out of a longest common part (LCS by length table). */

export interface LineChange {
  readonly sign: '+' | '-';
  readonly line: string;
}

/** Texts with more lines than this are told as wholly different; the table grows with the square. */
const mostLines = 5_000;

export function linesThatDiffer(before: string, after: string): readonly LineChange[] {
  const [left, right] = [before.split('\n'), after.split('\n')];
  if (left.length > mostLines || right.length > mostLines)
    return [...left.map((line) => minus(line)), ...right.map((line) => plus(line))];
  const lengths = commonLengths(left, right);
  const changes: LineChange[] = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    if (row < left.length && column < right.length && left[row] === right[column]) {
      row += 1;
      column += 1;
    } else if (
      column >= right.length ||
      (row < left.length && lengths[row + 1]![column]! >= lengths[row]![column + 1]!)
    ) {
      changes.push(minus(left[row]!));
      row += 1;
    } else {
      changes.push(plus(right[column]!));
      column += 1;
    }
  }
  return changes;
}

/** `lengths[i][j]`: how many lines the texts from line i and j on have in common, in order. */
function commonLengths(left: readonly string[], right: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  for (let row = left.length - 1; row >= 0; row--)
    for (let column = right.length - 1; column >= 0; column--)
      lengths[row]![column] =
        left[row] === right[column]
          ? lengths[row + 1]![column + 1]! + 1
          : Math.max(lengths[row + 1]![column]!, lengths[row]![column + 1]!);
  return lengths;
}

function minus(line: string): LineChange {
  return { sign: '-', line };
}

function plus(line: string): LineChange {
  return { sign: '+', line };
}
