import type { Line } from '../program/log-reading.ts';

const switched = 101;

/** A line of Caddy's access log, in which the side stands as `user_id`: the one field of it that a configuration can fill. */
export function parseLine(text: string): Line | undefined {
  const entry = entryOf(text);
  if (entry === undefined || typeof entry.user_id !== 'string' || entry.user_id === '') return undefined;
  const { user_id: side, status, duration } = entry;
  // Status 0: the client left before the answer, which is no failure, but a time that it waited.
  if (typeof status !== 'number' || typeof duration !== 'number') return undefined;
  return { side, status, milliseconds: status === switched ? undefined : duration * 1_000 };
}

interface Entry {
  readonly user_id?: unknown;
  readonly status?: unknown;
  readonly duration?: unknown;
}

function entryOf(text: string): Entry | undefined {
  try {
    return JSON.parse(text) as Entry;
  } catch {
    // The end of a line that Caddy was killed in.
    return undefined;
  }
}
