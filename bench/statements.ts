/** Counts what this process asks of PostgreSQL, whoever asks: the store, the job queue, the benchmark itself. */
import pg from 'pg';

const asked = new Map<string, number>();
let counted = 0;
let watching = false;

export interface Counting {
  /** How many statements since the start. */
  end(): number;
}

export function countStatements(): Counting {
  watch();
  const before = counted;
  return { end: () => counted - before };
}

/** Every text with how often it was asked, the most frequent first. */
export function statementsAsked(): readonly (readonly [text: string, times: number])[] {
  return [...asked].sort((left, right) => right[1] - left[1]);
}

function watch(): void {
  if (watching) return;
  watching = true;
  const original = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  pg.Client.prototype.query = function counting(this: unknown, ...args: unknown[]) {
    const [first] = args;
    const text = typeof first === 'string' ? first : ((first as { text?: string } | undefined)?.text ?? 'cursor');
    counted += 1;
    asked.set(text, (asked.get(text) ?? 0) + 1);
    return original.apply(this, args);
  } as never;
}
