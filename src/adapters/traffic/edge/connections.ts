/**
 * Connections to one instance, one request on each at a time. undici's `Pool` looks at every connection for each request to find
 * an idle one; a stack of idle `Client`s costs a third less for each request, and uses the fewest connections.
 */
import type { Client as Undici } from 'undici';
import { Client } from './client.ts';

export interface Connections {
  /** One without a request; it has to come back: by `give` when its request was answered, otherwise by `drop`. */
  take(): Client;
  give(client: Client): void;
  /** undici tells of a failed request in the middle of its own tidying: a client that is given another one then may never answer it. */
  drop(client: Client): void;
  /** Requests under way may end. */
  close(): Promise<void>;
  destroy(): Promise<void>;
}

export function openConnections(origin: string, options: Undici.Options): Connections {
  const all = new Set<Client>();
  const idle: Client[] = [];
  let closing = false;
  const open = (): Client => {
    const client = new Client(origin, { ...options, pipelining: 1 });
    all.add(client);
    // The instance, or the time that a connection may be idle, has closed it.
    client.on('disconnect', () => {
      const at = idle.indexOf(client);
      if (at < 0) return;
      idle.splice(at, 1);
      forget(client);
    });
    return client;
  };
  const forget = (client: Client): void => {
    all.delete(client);
    client.close().catch(() => undefined);
  };
  return {
    take: () => idle.pop() ?? open(),
    give(client) {
      if (closing || client.destroyed) forget(client);
      else idle.push(client);
    },
    drop: forget,
    async close() {
      closing = true;
      await Promise.all([...all].map((client) => client.close()));
    },
    async destroy() {
      closing = true;
      await Promise.all([...all].map((client) => client.destroy()));
    },
  };
}
