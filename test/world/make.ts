/** What tests are made of: databases, ids, records and waiting for conditions. */
import { createHash, randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { openStore, type PostgresStore, type StoreOptions } from '../../src/adapters/postgres/store.ts';
import { createJobs } from '../../src/adapters/jobs/dbos.ts';
import { makeId, type Id } from '../../src/domain/base/id.ts';
import { instant } from '../../src/domain/base/time.ts';
import type { Log } from '../../src/ports/log.ts';
import { sharedServer } from './shared-server.ts';

const sealKey = new Uint8Array(32);

export const migrationsDirectory = fileURLToPath(new URL('../../migrations', import.meta.url));

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database with all tables, of its own for each test file. */
export async function makeDatabase(): Promise<TestDatabase> {
  const server = await sharedServer();
  const admin = server.url('postgres');
  await makeTemplate(admin, (name) => server.url(name));
  const name = `test_${randomBytes(8).toString('hex')}`;
  await query(admin, `create database ${name} template ${template}`);
  return {
    url: server.url(name),
    drop: async () => {
      await query(admin, `drop database if exists ${name} with (force)`);
    },
  };
}

const template = 'liftlock_template';
const templateLock = 815;

/** Whoever holds the lock first makes it, under another name until it is complete. */
async function makeTemplate(admin: string, urlOf: (name: string) => string): Promise<void> {
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [templateLock]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount !== 0) return;
    await client.query('drop database if exists liftlock_making with (force)');
    await client.query('create database liftlock_making');
    await fill(urlOf('liftlock_making'));
    await client.query(`alter database liftlock_making rename to ${template}`);
  } finally {
    await client.end();
  }
}

/** Migrates, and makes the tables of the queue. */
export async function fill(url: string): Promise<void> {
  await (await openStore({ url, migrationsDirectory, log: silent, sealKey })).close();
  await (await createJobs({ url, replica: newId('rpl'), concurrency: { deploy: 1, build: 1 }, log: silent })).stop();
}

export function openTestStore(url: string, options: Partial<StoreOptions> = {}): Promise<PostgresStore> {
  return openStore({ url, migrationsDirectory, log: silent, sealKey, ...options });
}

/** A store on a database of the file's own: there before its tests, gone after them. */
export function withStore(use: (store: PostgresStore, database: TestDatabase) => void): void {
  let opened: { readonly store: PostgresStore; readonly database: TestDatabase } | undefined;
  before(async () => {
    const database = await makeDatabase();
    opened = { database, store: await openTestStore(database.url) };
    use(opened.store, database);
  });
  after(async () => {
    await opened?.store.close();
    await opened?.database.drop();
  });
}

/** Rows are what the test says they are. */
export async function query(url: string, text: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: url });
  // A server that is killed says so on the connection as well as in the answer: the answer is what counts.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A log that remembers. */
export function listeningLog(): Log & {
  readonly lines: { level: 'info' | 'warn' | 'error'; message: string; fields: unknown }[];
} {
  const lines: { level: 'info' | 'warn' | 'error'; message: string; fields: unknown }[] = [];
  const say = (level: 'info' | 'warn' | 'error') => (message: string, fields?: unknown) =>
    void lines.push({ level, message, fields });
  return { lines, info: say('info'), warn: say('warn'), error: say('error') };
}

export function newId<Prefix extends string>(prefix: Prefix): Id<Prefix> {
  return makeId(prefix, instant(Date.now()), randomBytes(10));
}

export function sha256(content: string | Uint8Array) {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as never;
}

/** Asks at once, and then less and less often: asking takes from the processor that what is waited for needs. */
const pausesMs = { first: 5, longest: 30 };

/** Waits until `condition` answers something truthy, and answers it. */
export async function until<T>(
  condition: () => Promise<T> | T,
  what: string,
  deadlineMs = 60_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + deadlineMs;
  for (let pause = pausesMs.first; ; pause = Math.min(pausesMs.longest, pause * 1.2)) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`gave up waiting: ${what}`);
    await wait(pause);
  }
}

/** Makes an assertion about what comes by itself until it holds; its last failure is the answer. */
export async function eventually(assertion: () => unknown, deadlineMs = 30_000): Promise<void> {
  let failure: unknown;
  const holds = async (): Promise<boolean> => {
    try {
      await assertion();
      return true;
    } catch (error) {
      failure = error;
      return false;
    }
  };
  await until(holds, 'an assertion to hold', deadlineMs).catch((error: unknown) => {
    throw failure ?? error;
  });
}
