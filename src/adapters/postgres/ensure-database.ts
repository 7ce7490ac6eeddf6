import pg from 'pg';
import { explain } from './database-failure.ts';

/** Creates a database that is missing, as the user of `adminUrl`. Safe when two callers ask at once. @throws Failure `database/unreachable`, `database/failed`. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  // A connection that breaks between two statements says so here; the next statement rejects, which is enough.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0`);
  } catch (error) {
    // Somebody else was faster: duplicate_database, or the unique index behind it.
    const code = (error as { code?: string }).code;
    if (code !== '42P04' && code !== '23505') throw explain(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
