/** A directory that disappears, with a PostgreSQL of its own. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createClock } from '../src/adapters/clock/system.ts';
import { startEmbedded } from '../src/adapters/postgres/embedded/start-embedded.ts';

/** Gives `work` a fresh directory; a server that was started in its `postgres` folder is ended before it is removed. */
export async function inScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'liftlock-bench-'));
  try {
    return await work(directory);
  } finally {
    if (existsSync(join(directory, 'postgres'))) await (await startIn(directory)).stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Answers the URL of an empty database on a fresh server of the directory. */
export async function freshDatabase(directory: string): Promise<string> {
  const server = await startIn(directory);
  const admin = new pg.Client({ connectionString: server.url('postgres') });
  await admin.connect();
  await admin.query('create database liftlock');
  await admin.end();
  return server.url('liftlock');
}

function startIn(directory: string): ReturnType<typeof startEmbedded> {
  return startEmbedded({ directory: join(directory, 'postgres'), clock: createClock() });
}
