/** Offsets of a text as lines and columns, both from 1. Lines end with LF; a CR before it belongs to the line. */

export interface Position {
  readonly line: number;
  /** Counts characters, not UTF-16 units. */
  readonly column: number;
}

export function positionAt(text: string, offset: number): Position {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return { line: lineFinder(text)(offset), column: Array.from(text.slice(start, offset)).length + 1 };
}

/** For many questions about one text: the line of an offset, by binary search. */
export function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
