/**
 * Whether an unpacked directory still holds what was unpacked. That it is read-only does not stop root, nor an owner who means it.
 * First what the file system says of each entry is compared with what it said then; the content is read only when that differs.
 */
import { createHash, randomUUID } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Digest, hexOf } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import { readDirectoryEntries } from './directory-entries.ts';
import { writeArchive } from './write-archive.ts';

export async function isUntouched(tree: string, digest: Digest): Promise<boolean> {
  const known = await readFile(seenFile(tree), 'utf8').catch(() => undefined);
  if (known !== undefined && known === (await looksOf(tree))) return true;
  if (!(await holds(tree, digest))) return false;
  await rememberLooks(tree);
  return true;
}

/** A hint that saves reading: without it, as on a full disk, or when it is wrong, the content is read. */
export async function rememberLooks(tree: string): Promise<void> {
  const draft = join(dirname(tree), `.unpack-${randomUUID()}`);
  try {
    await writeFile(draft, await looksOf(tree));
    await rename(draft, seenFile(tree));
  } catch {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

function seenFile(tree: string): string {
  return `${tree}.seen`;
}

/**
 * Whoever writes, renames or changes rights changes a time that he cannot set (ctime). Asked without the pool of threads, which
 * makes a question of microseconds one of ten times that; between directories others have their turn.
 */
async function looksOf(tree: string): Promise<string> {
  const hash = createHash('sha256');
  const ahead = [tree];
  for (let directory = ahead.pop(); directory !== undefined; directory = ahead.pop()) {
    for (const name of readdirSync(directory).toSorted()) {
      const entry = lstatSync(join(directory, name), { bigint: true });
      hash.update(`${name}\0${entry.ino} ${entry.mode} ${entry.size} ${entry.ctimeNs}\n`);
      if (entry.isDirectory()) ahead.push(join(directory, name));
    }
    await nextTurn();
  }
  return hash.digest('hex');
}

async function holds(tree: string, digest: Digest): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of writeArchive(tree, await readDirectoryEntries(tree, () => false))) hash.update(chunk);
  } catch (error) {
    // A socket, a pipe, a link that leaves: nothing of that was ever unpacked.
    if (error instanceof Failure && error.code === 'artifact/invalid') return false;
    throw error;
  }
  return hash.digest('hex') === hexOf(digest);
}
