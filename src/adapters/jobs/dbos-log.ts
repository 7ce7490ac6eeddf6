/** What DBOS says, in our log. */
import type { DBOSConfig } from '@dbos-inc/dbos-sdk';
import type { Log } from '../../ports/log.ts';

/** While the database is away DBOS repeats itself several times a second; once in this time is enough. */
const quietMs = 10_000;
const mostRemembered = 200;

/** Interrupted jobs are given back when we stop. */
const expected = /^Shutting down while/;

/** Warnings and errors go to the log as warnings, since DBOS repeats by itself what failed; the rest is for developers of DBOS. */
export function dbosLog(log: Log, now: () => number): NonNullable<DBOSConfig['logger']> {
  const saidAt = new Map<string, number>();
  const forward = (entry: unknown) => {
    const text = String(entry).split('\n')[0]!.slice(0, 500);
    if (expected.test(text)) return;
    const key = text.replace(/\d+(\.\d+)?/g, '#');
    const last = saidAt.get(key);
    if (last !== undefined && now() - last < quietMs) return;
    if (saidAt.size >= mostRemembered) saidAt.clear();
    saidAt.set(key, now());
    log.warn('the job queue had a problem and goes on', { problem: text });
  };
  return { info: () => undefined, debug: () => undefined, warn: forward, error: forward };
}
