/**
 * The lock by which others see that this process lives: an advisory lock of a session, which the server frees the
 * moment the connection ends, however the process died.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { ReplicaId } from '../../domain/base/id.ts';
import type { Log } from '../../ports/log.ts';
import { connectionTo } from './pool.ts';

export interface ReplicaLock {
  /**
   * Holds the lock of this replica from now on. Called at every beat: takes it again when its connection was lost.
   * Never throws: without the lock the replica is judged by its beat alone, and the beat itself will say that the database is away.
   */
  hold(replica: ReplicaId): Promise<void>;
  /** Lets go and closes the connection. */
  release(): void;
}

export function createReplicaLock(url: string, log: Log): ReplicaLock {
  let held: pg.Client | undefined;

  async function take(replica: ReplicaId): Promise<void> {
    const client = new pg.Client({
      ...connectionTo(url),
      application_name: 'liftlock replica',
      statement_timeout: 5_000,
    });
    client.on('error', () => undefined);
    client.on('end', () => {
      if (held === client) held = undefined;
    });
    held = client;
    try {
      await client.connect();
      // Waits for as long as the server still thinks that our lost connection lives.
      await client.query('select pg_advisory_lock($1::bigint)', [lockKeyOf(replica)]);
    } catch (error) {
      if (held === client) held = undefined;
      log.warn('the lock of this replica could not be taken', { error: (error as Error).message });
      void client.end().catch(() => undefined);
    }
  }

  return {
    async hold(replica) {
      if (held === undefined) await take(replica);
    },
    release() {
      const client = held;
      held = undefined;
      void client?.end().catch(() => undefined);
    },
  };
}

/** 64 bits of the id's hash, as the text of a signed number. */
export function lockKeyOf(replica: ReplicaId): string {
  return createHash('sha256').update(replica).digest().readBigInt64BE(0).toString();
}
