/**
 * Tells listeners that there are new events: at once in the process that recorded them, by NOTIFY in the others. News
 * may be lost when a connection breaks; listeners look again at intervals of their own.
 */
import pg, { type Pool } from 'pg';
import type { Log } from '../../ports/log.ts';
import { connectionTo } from './pool.ts';

export interface News {
  /** There are new events; call after their transaction has committed. */
  tell(): void;
  listen(listener: () => void): () => void;
  close(): Promise<void>;
}

const channel = 'liftlock_events';
const coalescedMs = 20;
const reconnectMs = 1_000;

/** `self` tells our own notifications, already heard here, from those of others. */
export function createNews(from: { url: string; pool: Pool; self: string; log: Log }): News {
  const { pool, self, log } = from;
  const listeners = new Set<() => void>();
  let notifying: NodeJS.Timeout | undefined;
  let reconnecting: NodeJS.Timeout | undefined;
  let hearing: pg.Client | undefined;
  let closed = false;

  function spread(): void {
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        log.error('a listener for events failed', { error: String(error) });
      }
    }
  }

  function notify(): void {
    notifying = undefined;
    pool.query('select pg_notify($1, $2)', [channel, self]).catch(() => undefined);
  }

  function hear(): void {
    const client = new pg.Client({ ...connectionTo(from.url), application_name: 'liftlock events' });
    hearing = client;
    client.on('error', () => undefined);
    client.on('end', () => again(client));
    client.on('notification', ({ payload }) => {
      if (payload !== self) spread();
    });
    client.connect().then(
      () => client.query(`listen ${channel}`).catch(() => client.end()),
      () => again(client),
    );
  }

  function again(lost: pg.Client): void {
    if (closed || hearing !== lost) return;
    hearing = undefined;
    reconnecting = setTimeout(() => {
      reconnecting = undefined;
      hear();
      // What was said meanwhile is lost: let everybody look.
      spread();
    }, reconnectMs);
  }

  return {
    tell() {
      spread();
      notifying ??= setTimeout(notify, coalescedMs);
    },
    listen(listener) {
      listeners.add(listener);
      if (hearing === undefined && reconnecting === undefined && !closed) hear();
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      clearTimeout(notifying);
      clearTimeout(reconnecting);
      listeners.clear();
      await hearing?.end().catch(() => undefined);
    },
  };
}
