import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { Failure } from '../../domain/base/failure.ts';
import { makeTables } from './dbos-internals.ts';

/** Any number that nobody else locks in our database. */
const tablesLock = 7_134_290_656;
const askAgainMs = 20;

/**
 * Makes or updates the tables of DBOS. Processes that start at once go one after the other: DBOS itself fails when two
 * of them create the same table.
 * @throws Failure `database/unreachable`, `database/failed`.
 */
export async function prepareTables(url: string, logger: unknown): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'liftlock', connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await takeLock(client);
    await makeTables(url, logger);
  } catch (error) {
    throw explain(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Asks again and again: a statement that waits would itself be waited for by DBOS, which builds indexes concurrently. */
async function takeLock(client: pg.Client): Promise<void> {
  const attempt = () => client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [tablesLock]);
  while ((await attempt()).rows[0]?.taken !== true) await wait(askAgainMs);
}

function explain(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const refused =
    /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code)) &&
    !/^(08|57)/.test((error as { code: string }).code);
  if (refused) {
    return new Failure('database/failed', `the tables of the job queue could not be made: ${message}`, {
      hint: 'The user of DATABASE_URL must be allowed to create a schema.',
      cause: error,
    });
  }
  return new Failure('database/unreachable', `PostgreSQL does not answer: ${message}`, {
    hint: 'Start it and try again.',
    cause: error,
  });
}
