import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import pg from 'pg';
import { asFailure, Failure } from '../../domain/base/failure.ts';
import type { EnvironmentDatabases } from '../../ports/databases.ts';

export interface EnvironmentDatabasesOptions {
  /** Where databases are made, as a role that may (superuser, or CREATEDB and CREATEROLE). Its own database is closed to environments. */
  readonly adminUrl: string;
  /** Passwords derive from it: the same key answers the same URLs. At least 32 random bytes. */
  readonly key: Uint8Array;
  /** Further databases of Liftlock that environments must not enter; the admin role owns them. */
  readonly closed?: readonly string[];
  /** Connections an environment may hold, so that one cannot starve the others. Default 30. */
  readonly connectionLimit?: number;
}

/** One database and one role for each name; a role enters its own database and none of the others made here. */
export function createEnvironmentDatabases(options: EnvironmentDatabasesOptions): EnvironmentDatabases {
  if (options.key.length < 32) throw new RangeError(`a key needs 32 bytes, got ${options.key.length}`);
  return {
    ensure: (name) => withAdmin(options.adminUrl, (admin) => ensure(admin, accessOf(name, options), options)),
    drop: (name) => withAdmin(options.adminUrl, (admin) => drop(admin, identifierOf(name))),
  };
}

interface Access {
  /** Database and role alike; letters, digits and `_` only, so that it needs no quoting anywhere. */
  readonly identifier: string;
  readonly password: string;
  /** What the server stores: the password itself never travels, so no statement log can hold it. */
  readonly verifier: string;
}

async function ensure(
  admin: pg.Client,
  access: Access,
  options: EnvironmentDatabasesOptions,
): Promise<{ readonly url: string }> {
  const { identifier, password, verifier } = access;
  const limit = Math.trunc(options.connectionLimit ?? 30);
  const verb = (await exists(admin, 'SELECT 1 FROM pg_roles WHERE rolname = $1', identifier)) ? 'ALTER' : 'CREATE';
  await admin.query(`${verb} ROLE ${identifier} LOGIN CONNECTION LIMIT ${limit} PASSWORD '${verifier}'`);
  if (!(await exists(admin, 'SELECT 1 FROM pg_database WHERE datname = $1', identifier))) {
    await becomeMember(admin, identifier);
    await admin.query(`CREATE DATABASE ${identifier} OWNER ${identifier} TEMPLATE template0`);
  }
  const { rows } = await admin.query<{ name: string }>('SELECT current_database() AS name');
  for (const database of [identifier, ...rows.map((row) => row.name), ...(options.closed ?? [])])
    await close(admin, database);
  return { url: urlFor(options.adminUrl, { identifier, password }) };
}

async function drop(admin: pg.Client, identifier: string): Promise<void> {
  await admin.query(`DROP DATABASE IF EXISTS ${identifier} WITH (FORCE)`);
  await admin.query(`DROP ROLE IF EXISTS ${identifier}`);
}

/** A role that is not superuser may only give a database to a role it is a member of. */
async function becomeMember(admin: pg.Client, identifier: string): Promise<void> {
  const superuser = await exists(
    admin,
    "SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper AND $1 <> ''",
    identifier,
  );
  if (!superuser) await admin.query(`GRANT ${identifier} TO CURRENT_USER`);
}

/** Takes from everybody what PostgreSQL gives everybody: the right to connect. The owner keeps it. */
async function close(admin: pg.Client, database: string): Promise<void> {
  const open = `SELECT 1 FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS given
    WHERE datname = $1 AND given.grantee = 0`;
  if (!(await exists(admin, open, database))) return;
  await admin.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`).catch((error: unknown) => {
    if (asError(error).code !== notAllowed) throw error;
  });
  if (!(await exists(admin, open, database))) return;
  throw new Failure(
    'database/unsupported',
    `database ${database} stays open to every role, because the role in its URL does not own it`,
    {
      hint: `Let an administrator run: REVOKE ALL ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC;`,
    },
  );
}

async function exists(admin: pg.Client, query: string, parameter: string): Promise<boolean> {
  return (await admin.query(query, [parameter])).rows.length > 0;
}

/** Readable beginning and a digest: distinct names stay distinct within PostgreSQL's 63 bytes. */
function identifierOf(name: string): string {
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 40);
  return `env_${readable}_${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

function accessOf(name: string, { key }: EnvironmentDatabasesOptions): Access {
  const identifier = identifierOf(name);
  const derive = (purpose: string): Buffer =>
    createHmac('sha256', key).update(`liftlock environment database ${purpose}\0${identifier}`).digest();
  const password = derive('password').toString('base64url');
  return { identifier, password, verifier: scramVerifier(password, derive('salt').subarray(0, 16)) };
}

/** RFC 5803, in the form PostgreSQL stores. The password is long and random: PostgreSQL's usual 4096 rounds are ample. */
function scramVerifier(password: string, salt: Buffer): string {
  const rounds = 4096;
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${storedKey}:${keyed('Server Key').toString('base64')}`;
}

/** The admin's address with another role and database; of its parameters only those that say where and how to connect. */
function urlFor(
  adminUrl: string,
  { identifier, password }: { readonly identifier: string; readonly password: string },
): string {
  const admin = new URL(adminUrl);
  const kept = [...admin.searchParams].filter(([name]) => name === 'host' || name === 'port' || name.startsWith('ssl'));
  const search = kept.length === 0 ? '' : `?${new URLSearchParams(kept)}`;
  return `postgresql://${identifier}:${password}@${admin.host}/${identifier}${search}`;
}

const connectPatienceMs = 10_000;
const statementPatienceMs = 60_000;

/**
 * Runs one piece of work on a connection of its own, one at a time among all who use the same admin database:
 * concurrent changes of the same grants fail in PostgreSQL ("tuple concurrently updated").
 */
async function withAdmin<Answer>(adminUrl: string, work: (admin: pg.Client) => Promise<Answer>): Promise<Answer> {
  const admin = new pg.Client({
    connectionString: adminUrl,
    application_name: 'liftlock environment databases',
    connectionTimeoutMillis: connectPatienceMs,
    statement_timeout: statementPatienceMs,
  });
  // A connection that breaks while idle reports here; the query that follows fails and tells.
  admin.on('error', () => undefined);
  try {
    await admin.connect();
    await admin.query(`SELECT pg_advisory_lock(hashtextextended('liftlock environment databases', 0))`);
    return await work(admin);
  } catch (error) {
    throw explain(error);
  } finally {
    await admin.end().catch(() => undefined);
  }
}

/** SQLSTATE insufficient_privilege. */
const notAllowed = '42501';

function explain(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code, message } = asError(error);
  if (code === notAllowed) {
    return new Failure('database/failed', `the database server refused: ${message}`, {
      hint: 'The role in DATABASE_URL needs CREATEDB and CREATEROLE to give environments databases of their own.',
      cause: error,
    });
  }
  const unreachable =
    code === undefined ? /timeout|terminated/i.test(message) : /^(E[A-Z]+|08...|57P0.|53300)$/.test(code);
  if (!unreachable && code === undefined) return asFailure(error);
  return new Failure(
    unreachable ? 'database/unreachable' : 'database/failed',
    `the database server did not do it: ${message}`,
    {
      hint: unreachable
        ? 'Check that the server of DATABASE_URL runs and has connections left.'
        : 'The server log may say more.',
      cause: error,
    },
  );
}

function asError(error: unknown): { readonly code: string | undefined; readonly message: string } {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return { code: typeof code === 'string' ? code : undefined, message: String(message) };
}
