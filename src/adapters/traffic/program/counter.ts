/**
 * The process that counts for a server that cannot: reads its access logs as they grow, keeps what it counted, and removes what was read.
 * It runs beside the servers and outlives the control plane as they do, so that logs stay small whoever is away.
 */
import { readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readKept } from './kept.ts';
import { closingFile } from './program.ts';
import { keepReading, lastReading, logFiles, readOn, type Parse, type Reading } from './log-reading.ts';

export interface Counting {
  /** Holds a directory for each environment. */
  readonly directory: string;
  readonly parse: Parse;
  /** Makes the server write into a new `access.log` after the old one was renamed; absent when it renames by itself. */
  readonly reopen?: (directory: string) => Promise<void>;
}

const lookMs = 500;
const largestLog = 16 * 2 ** 20;
/** A server may go on with the renamed file for a moment. */
const restMs = 60_000;
const longestChangeMs = 30_000;

export async function count(counting: Counting): Promise<never> {
  for (;;) {
    for (const name of await readdir(counting.directory).catch(() => []))
      await countIn(join(counting.directory, name), counting).catch((error: NodeJS.ErrnoException) => {
        // No directory of an environment, or one that was just removed.
        if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') console.error(String(error));
      });
    await wait(lookMs);
  }
}

async function countIn(directory: string, { parse, reopen }: Counting): Promise<void> {
  const kept = await readKept(directory);
  if (kept === undefined) return;
  const before = await lastReading(directory);
  const read = await readOn(directory, before, parse);
  const named = new Set([...kept.route.sides, ...kept.gone].map(({ name }) => name));
  const reading = {
    ...read,
    sides: Object.fromEntries(Object.entries(read.sides).filter(([name]) => named.has(name))),
  };
  if (JSON.stringify(reading) !== JSON.stringify(before)) await keepReading(directory, reading);
  await removeRead(directory, reading);
  await removeLeft(join(directory, closingFile));
  if (reopen === undefined) return;
  const current = join(directory, 'access.log');
  if ((await stat(current)).size < largestLog) return;
  await rename(current, join(directory, `access-${Date.now()}.log`));
  await reopen(directory);
}

/** A control plane that was killed as it changed something left it. */
async function removeLeft(file: string): Promise<void> {
  const since = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
  if (since !== undefined && Date.now() - since > longestChangeMs) await unlink(file).catch(() => undefined);
}

async function removeRead(directory: string, { offsets }: Reading): Promise<void> {
  for (const name of await logFiles(directory)) {
    if (name === 'access.log') continue;
    const file = join(directory, name);
    const { ino, size, mtimeMs } = await stat(file);
    if (offsets[ino] === size && Date.now() - mtimeMs > restMs) await unlink(file);
  }
}
