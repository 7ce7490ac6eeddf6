import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';

/** Files copied at once; more only queue up behind the four threads that Node has for files. */
const atOnce = 16;

/**
 * Copies a directory so that its owner may write everywhere in the copy. Content is shared with the
 * source where the file system can (copy on write). Links are copied as they are; what is neither
 * file, directory nor link is refused with `artifact/invalid`.
 */
export async function copyTree(source: string, target: string): Promise<void> {
  await mkdir(target, { mode: 0o700 });
  const entries = await readdir(source, { withFileTypes: true });
  const directories = entries.filter((entry) => entry.isDirectory());
  const others = entries.filter((entry) => !entry.isDirectory());
  for (let from = 0; from < others.length; from += atOnce) {
    await allSettledOrThrow(
      others.slice(from, from + atOnce).map(({ name }) => copyEntry(join(source, name), join(target, name))),
    );
  }
  for (const { name } of directories) await copyTree(join(source, name), join(target, name));
}

async function copyEntry(source: string, target: string): Promise<void> {
  const info = await lstat(source);
  if (info.isSymbolicLink()) return symlink(await readlink(source), target);
  if (!info.isFile())
    throw new Failure('artifact/invalid', `${source} is neither a file, a directory nor a link, and cannot be copied`);
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, (info.mode & 0o777) | 0o600);
}

/** Waits for all before it throws: a copy still under way would recreate what the caller removes after the failure. */
async function allSettledOrThrow(copies: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(copies);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
