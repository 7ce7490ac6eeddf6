/** Counts what this process asks of PostgreSQL, whoever asks: the store, the job queue, the benchmark itself. */
import pg from 'pg';

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

function watch(): void {
  if (watching) return;
  watching = true;
  const original = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  pg.Client.prototype.query = function counting(this: unknown, ...args: unknown[]) {
    counted += 1;
    return original.apply(this, args);
  } as never;
}
