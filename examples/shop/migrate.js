// Brings the database up to this release: applies every file of migrations/ that was not applied before.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import pg from 'pg';

/** Two migrations at the same time wait for each other under this number. */
const lock = 4_207_001;

const folder = new URL('./migrations/', import.meta.url);
const client = new pg.Client({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 5_000 });

try {
  await client.connect();
  await client.query('SELECT pg_advisory_lock($1)', [lock]);
  const count = await applyAll();
  console.log(count === 0 ? 'the database is up to date' : `applied ${count} migration(s)`);
} catch (error) {
  console.error(`migration failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  await client.end();
}

async function applyAll() {
  await client.query(
    'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  );
  const { rows } = await client.query('SELECT name, digest FROM migrations');
  const applied = new Map(rows.map(({ name, digest }) => [name, digest]));
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql')).sort();
  let count = 0;
  for (const name of names) {
    const sql = readFileSync(new URL(name, folder), 'utf8');
    const digest = createHash('sha256').update(sql).digest('hex');
    if (applied.has(name) && applied.get(name) !== digest) throw new Error(`${name} was changed after it was applied; add a new file instead`);
    if (applied.has(name)) continue;
    await apply(name, sql, digest);
    count++;
  }
  return count;
}

async function apply(name, sql, digest) {
  await client.query('BEGIN');
  await client.query(sql);
  await client.query('INSERT INTO migrations (name, digest) VALUES ($1, $2)', [name, digest]);
  await client.query('COMMIT');
  console.log(`applied ${name}`);
}
