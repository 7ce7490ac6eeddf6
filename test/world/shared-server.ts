/**
 * One PostgreSQL for all test files of one run. It belongs to the process that started the files: the test runner, or the
 * file itself when it was started alone. A watcher, a process of its own, stops the server and removes its directory when
 * that process is gone, however it ended; nobody has to clean up and nothing is left behind.
 */
import { spawn } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbedded, type EmbeddedServer } from '../../src/adapters/postgres/embedded/start-embedded.ts';
import { isAlive } from '../../src/system/alive.ts';
import { createClock } from '../../src/adapters/clock/system.ts';

const watchEveryMs = 100;

/** Starts the server of this run, or finds it running. */
export async function sharedServer(): Promise<EmbeddedServer> {
  const owner = ownerOfRun();
  const directory = directoryOf(owner);
  await mkdir(directory, { recursive: true });
  await watchOver(owner, directory);
  return startEmbedded({ directory: join(directory, 'postgres'), clock: createClock() });
}

/** For the runner's global teardown: ends the server now and waits until nothing is left of it. */
export async function endSharedServer(owner: number): Promise<void> {
  const directory = directoryOf(owner);
  if (!(await exists(watchFile(directory)))) return;
  await writeFile(endFile(directory), '').catch(() => undefined);
  while (await exists(directory)) await wait(watchEveryMs / 4);
}

/** Test files run as children of the runner, which tells them so in their environment. */
function ownerOfRun(): number {
  return process.env['NODE_TEST_CONTEXT'] === undefined ? process.pid : process.ppid;
}

function directoryOf(owner: number): string {
  return join(tmpdir(), `liftlock-test-server-${process.getuid?.() ?? 'user'}-${owner}`);
}

/** Starts the watcher, once for each directory: whoever makes the file first. */
async function watchOver(owner: number, directory: string): Promise<void> {
  const first = await writeFile(watchFile(directory), '', { flag: 'wx' }).then(
    () => true,
    () => false,
  );
  if (!first) return;
  const watcher = spawn(process.execPath, [fileURLToPath(import.meta.url), String(owner), directory], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  watcher.unref();
}

function watchFile(directory: string): string {
  return join(directory, 'watched');
}

function endFile(directory: string): string {
  return join(directory, 'end');
}

/** What the watcher does. */
async function watch(owner: number, directory: string): Promise<void> {
  while (isAlive(owner) && !(await exists(endFile(directory)))) await wait(watchEveryMs);
  const server = await startEmbedded({ directory: join(directory, 'postgres'), clock: createClock() }).catch(
    () => undefined,
  );
  await server?.stop().catch(() => undefined);
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await watch(Number(process.argv[2]), process.argv[3]!);
