/** The connections to one instance: as few as there are requests under way, the one that was used last first. */
import type { Instance } from '../../../ports/traffic.ts';
import { openConnection, type Answered, type Connection, type Question } from './connection.ts';
import { soon } from './soon.ts';

export interface Connections {
  ask(question: Question, answered: Answered): Asked;
  /** Requests under way may end. */
  close(): Promise<void>;
  destroy(): Promise<void>;
}

export interface Asked {
  /** It fails with this, unless it is over. */
  abort(error: Error): void;
  /** After `data` said that this is enough for now. */
  resume(): void;
}

/** How exact the times of requests are. */
const tickMs = 250;

export function openConnections(instance: Instance, connectMs: number): Connections {
  const all = new Set<Connection>();
  const idle: Connection[] = [];
  const closed = Promise.withResolvers<void>();
  let isClosing = false;
  let isDestroyed = false;
  let clock: NodeJS.Timeout | undefined;

  const owner = {
    connectMs,
    free(connection: Connection) {
      if (isClosing) connection.destroy(closing());
      else idle.push(connection);
    },
    gone(connection: Connection) {
      all.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
      if (all.size > 0) return;
      clearInterval(clock);
      clock = undefined;
      if (isClosing) closed.resolve();
    },
  };
  const tick = (): void => {
    const now = performance.now();
    for (const connection of all) connection.pass(tickMs, now);
  };
  const open = (): Connection => {
    const connection = openConnection(instance, owner);
    all.add(connection);
    clock ??= setInterval(tick, tickMs).unref();
    return connection;
  };
  const take = (): Connection => {
    const now = performance.now();
    const connection = idle.pop();
    if (connection === undefined) return open();
    if (connection.isFresh(now)) return connection;
    // Those below it were used before it.
    for (const stale of [connection, ...idle.splice(0)]) stale.destroy(closing());
    return open();
  };
  const close = (doomed: Iterable<Connection>): Promise<void> => {
    isClosing = true;
    for (const connection of doomed) connection.destroy(closing());
    if (all.size === 0) closed.resolve();
    return closed.promise;
  };

  return {
    ask(question, answered) {
      let connection: Connection | undefined;
      let isAborted = false;
      soon(() => {
        if (isAborted) return;
        if (isDestroyed) return answered.failed(closing());
        connection = take();
        connection.ask(question, answered);
      });
      return {
        abort(error) {
          if (connection !== undefined) return connection.abort(answered, error);
          if (isAborted) return;
          isAborted = true;
          answered.failed(error);
        },
        resume: () => connection?.resume(answered),
      };
    },
    close: () => close([...idle]),
    destroy() {
      isDestroyed = true;
      return close([...all]);
    },
  };
}

function closing(): Error {
  return new Error('the connections to this instance are closed');
}
