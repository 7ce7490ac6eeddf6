import pg from 'pg';
import type { ClientConfig, Pool } from 'pg';
import type { Log } from '../../ports/log.ts';

const int8 = 20;

/** Nothing we ask takes longer, unless the server or its disk is in trouble. */
const timeouts = { statement_timeout: 15_000, lock_timeout: 10_000, idle_in_transaction_session_timeout: 60_000 };

/** The pool for everything but waiting: short transactions of at most `size` at once. */
export function createPool(url: string, size: number, log: Log): Pool {
  const pool = new pg.Pool({ ...connectionTo(url), ...timeouts, max: size, idleTimeoutMillis: 60_000 });
  pool.on('error', (error) => log.warn('a connection to PostgreSQL was lost', { error: error.message }));
  // A connection that breaks while it is in use says so on the connection as well; its query rejects, which is enough.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Our statements are few, small and prepared: planning one again for its values, compiling it or sharing it between
 * processes costs more than it saves (planning `factsQuery` takes ten times as long as running it). What is prepared
 * while a table is small must still be right when it has grown, so indexes are used from the first row on.
 * Bigints hold milliseconds, byte counts and sequences, which numbers hold exactly.
 */
export function connectionTo(url: string): ClientConfig {
  return {
    connectionString: url,
    application_name: 'liftlock',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    options:
      '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off -c max_parallel_workers_per_gather=0',
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as never,
    },
  };
}
