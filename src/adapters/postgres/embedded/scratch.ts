/** Surroundings for the tests of this folder: a directory that disappears, servers that end, time as it passes. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { instant } from '../../../domain/base/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import { startEmbedded, type EmbeddedServer } from './start-embedded.ts';

export const realClock: Clock = {
  now: () => instant(Date.now()),
  sleep: (milliseconds, signal) =>
    pause(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};

/** A fresh directory for one test. */
export async function scratch(test: TestContext): Promise<string> {
  const { directory, remove } = await makeScratch();
  test.after(remove);
  return directory;
}

export interface Scratch {
  readonly directory: string;
  /** Stops the server that runs there, then removes everything. */
  readonly remove: () => Promise<void>;
}

/** A directory that does not exist yet, with a space in its path. */
export async function makeScratch(): Promise<Scratch> {
  const top = await mkdtemp(path.join(tmpdir(), 'liftlock embedded '));
  const directory = path.join(top, 'postgres');
  const remove = async (): Promise<void> => {
    const used = existsSync(path.join(directory, 'cluster'));
    const left = used ? await startEmbedded({ directory, clock: realClock }).catch(() => undefined) : undefined;
    await left?.stop();
    await rm(top, { recursive: true, force: true, maxRetries: 5 });
  };
  return { directory, remove };
}

export async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited 30 s for: ${what}`);
    await pause(20);
  }
}

export interface Launch {
  readonly pid: number | undefined;
  /** What the launcher answered, or the failure it printed. */
  readonly answer: Promise<Pick<EmbeddedServer, 'port' | 'pid' | 'adopted'> | { readonly failed: string }>;
}

/** Starts the embedded server from another process, as another user when one is given. */
export function launchElsewhere(directory: string, identity: { uid?: number; gid?: number } = {}): Launch {
  const program = `
    import { setTimeout as pause } from 'node:timers/promises';
    const { startEmbedded } = await import(${JSON.stringify(new URL('./start-embedded.ts', import.meta.url).href)});
    const clock = { now: () => Date.now(), sleep: (milliseconds) => pause(milliseconds) };
    const answer = await startEmbedded({ directory: ${JSON.stringify(directory)}, clock }).then(
      ({ port, pid, adopted }) => ({ port, pid, adopted }),
      (failure) => ({ failed: failure.code + ': ' + failure.message + ' | ' + failure.hint }),
    );
    process.stdout.write(JSON.stringify(answer));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: path.parse(process.cwd()).root,
    env: { HOME: directory, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...identity,
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const answer = new Promise<Awaited<Launch['answer']>>((resolve) => {
    child.once('close', () => resolve(out === '' ? { failed: err } : (JSON.parse(out) as Awaited<Launch['answer']>)));
  });
  return { pid: child.pid, answer };
}
