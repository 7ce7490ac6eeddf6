// What an order is and what it costs. Prices are whole cents.

export const mostCopies = 100;

/** The lines of an order as the customer sent them, or a sentence about what is wrong with them. */
export function readLines(body) {
  const lines = body?.lines;
  if (!Array.isArray(lines) || lines.length === 0) return { problem: 'an order needs at least one line' };
  for (const line of lines) {
    if (!Number.isInteger(line?.book) || line.book < 1) return { problem: 'every line names a book by its number' };
    if (!Number.isInteger(line.copies) || line.copies < 1 || line.copies > mostCopies) {
      return { problem: `every line asks for 1 to ${mostCopies} copies` };
    }
  }
  if (new Set(lines.map(({ book }) => book)).size < lines.length) return { problem: 'a book stands in one line only' };
  return { lines: lines.map(({ book, copies }) => ({ book, copies })) };
}

/** What the lines cost together. */
export function totalOf(lines) {
  return lines.reduce((total, { price, copies }) => total + price * copies, 0);
}

/** 1250 is shown as 12.50. */
export function formatPrice(cents) {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}
