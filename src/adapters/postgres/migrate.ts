/** Brings the database to the schema of migrations/*.sql. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator, type Migration, type MigrationProvider } from 'kysely/migration';
import pg from 'pg';
import { Failure } from '../../domain/base/failure.ts';
import { explain } from './database-failure.ts';
import { connectionTo } from './pool.ts';

const oldestServer = 150_000;

/** Any number that nobody else locks in our database. */
const migrationLock = 7_134_290_655;

/**
 * Applies the files that were not applied yet, in name order, all in one transaction: after a failure the database is
 * as it was. Safe when several processes start at once: one goes, the others wait for it.
 * @throws Failure `database/unsupported` (server too old, or a schema newer than ours), `database/unreachable`, `database/failed`.
 */
export async function migrate(url: string, directory: string): Promise<void> {
  // Without time limits: waiting for another process that migrates is what the lock is for.
  const pool = new pg.Pool({ ...connectionTo(url), max: 1 });
  pool.on('error', () => undefined);
  // A connection that breaks while a migration holds it says so on itself.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await checkServer(db);
    // Held until this connection, the only one of its pool, is closed.
    await sql`select pg_advisory_lock(${migrationLock})`.execute(db);
    const { error } = await new Migrator({ db, provider: filesOf(directory) }).migrateToLatest();
    if (error !== undefined) throw error;
  } catch (error) {
    throw explainMigration(error);
  } finally {
    await db.destroy();
  }
}

async function checkServer(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ number: string; version: string }>`
    select current_setting('server_version_num') as number, current_setting('server_version') as version`.execute(db);
  const [server] = rows;
  if (server !== undefined && Number(server.number) >= oldestServer) return;
  throw new Failure('database/unsupported', `PostgreSQL ${server?.version ?? 'of unknown version'} is too old`, {
    hint: 'Liftlock needs PostgreSQL 15 or newer; without DATABASE_URL it brings its own.',
  });
}

function filesOf(directory: string): MigrationProvider {
  return {
    async getMigrations() {
      const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort();
      const migrations = await Promise.all(
        files.map(async (file) => [file.slice(0, -'.sql'.length), await migrationOf(join(directory, file))] as const),
      );
      return Object.fromEntries(migrations);
    },
  };
}

async function migrationOf(file: string): Promise<Migration> {
  const text = await readFile(file, 'utf8');
  return {
    up: async (db) => {
      await sql.raw(text).execute(db);
    },
  };
}

function explainMigration(error: unknown): unknown {
  const explained = explain(error);
  if (explained instanceof Failure || !(error instanceof Error)) return explained;
  if (/corrupted migrations/.test(error.message)) {
    return new Failure(
      'database/unsupported',
      `the database was made by another version of Liftlock: ${error.message}`,
      {
        hint: 'Run the version that last used it, or a newer one.',
        cause: error,
      },
    );
  }
  return new Failure('database/failed', `the schema could not be brought up to date: ${error.message}`, {
    hint: 'The database is as it was before; look at the log of PostgreSQL.',
    cause: error,
  });
}
