/** One `pg` connection, as Kysely and as itself: own statements and DBOS's share one transaction on it. */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { PoolClient } from 'pg';
import type { Database } from './schema.ts';
import { storable } from './values.ts';

export type Db = Kysely<Database>;

export interface Session {
  readonly client: PoolClient;
  readonly db: Db;
}

/** The session of a connection of the pool; the same one every time. */
export function sessionOf(client: PoolClient): Session {
  const known = sessions.get(client);
  if (known !== undefined) return known;
  const session = { client, db: kyselyOn(client) };
  sessions.set(client, session);
  return session;
}

const sessions = new WeakMap<PoolClient, Session>();

/** Kysely takes its connections from a pool; this one always answers the connection that is there already. */
function kyselyOn(client: PoolClient): Db {
  const connection = {
    query: (text: unknown, values?: readonly unknown[]) =>
      typeof text === 'string' ? client.query(statement(text, values ?? [])) : client.query(text as never),
    release: () => undefined,
  } as unknown as PostgresPoolClient;
  const pool: PostgresPool = { connect: async () => connection, end: async () => undefined, options: {} };
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/** Statements are prepared under a name, so that a connection parses and plans each text once. */
export function statement(
  text: string,
  values: readonly unknown[],
): { name?: string; text: string; values: unknown[] } {
  const cleaned = values.map((value) => (typeof value === 'string' ? storable(value) : value));
  const name = nameOf(text);
  return name === undefined ? { text, values: cleaned } : { name, text, values: cleaned };
}

/** Texts are few, since lists travel as arrays; the limit only guards the server's memory against a mistake. */
const mostNames = 400;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= mostNames) return known;
  const name = `liftlock_${names.size + 1}`;
  names.set(text, name);
  return name;
}
