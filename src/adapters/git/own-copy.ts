/** Our own bare repository of one project: made whole or not at all, and put right after a kill. */
import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import type { Git } from './git-environment.ts';
import { readFailure } from './git-failure.ts';
import { runGit } from './run-git.ts';

export type ObjectFormat = 'sha1' | 'sha256';

/** @throws Failure `source/invalid` for a key that is not a plain file name. */
export function ownCopyPath(directory: string, key: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,120}$/.test(key)) {
    throw new Failure('source/invalid', `${JSON.stringify(key)} cannot name a repository copy`, {
      hint: 'Use letters, digits, dots, hyphens and underscores.',
    });
  }
  return join(directory, `${key}.git`);
}

/** Makes the copy when it is absent, or when what is there was never finished. */
export async function ensureOwnCopy(git: Git, repository: string, format: ObjectFormat = 'sha1'): Promise<void> {
  if (await isWhole(repository)) return;
  await removeOwnCopy(repository);
  const temporary = `${repository}.${randomUUID()}.new`;
  const made = await runGit(git, {
    arguments: [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      '--initial-branch=main',
      `--object-format=${format}`,
      temporary,
    ],
  });
  if (made.value === undefined) {
    await rm(temporary, { recursive: true, force: true });
    throw readFailure('making a copy of the repository', made, git.timeoutMs);
  }
  await rename(temporary, repository);
}

/** Moved away first, so that a half-removed copy is never taken for a copy. */
export async function removeOwnCopy(repository: string): Promise<void> {
  const doomed = `${repository}.${randomUUID()}.old`;
  try {
    await rename(repository, doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await rm(doomed, { recursive: true, force: true });
}

/**
 * Removes what killed commands left: lock files, half-received packs, and half-made or half-removed copies of
 * this repository. Only for the holder of the fetch lock, under which no other command writes here.
 */
export async function clearLeftovers(repository: string): Promise<void> {
  const packs = join(repository, 'objects', 'pack');
  for (const name of await namesIn(packs)) {
    if (/^(?:tmp_|\.tmp-)/.test(name) || name.endsWith('.lock')) await rm(join(packs, name), { force: true });
  }
  for (const name of await namesIn(repository)) {
    if (name.endsWith('.lock') || name === 'gc.pid') await rm(join(repository, name), { force: true });
  }
  for (const path of await readdir(join(repository, 'refs'), { recursive: true }).catch(() => [])) {
    if (path.endsWith('.lock')) await rm(join(repository, 'refs', path), { force: true });
  }
  await clearHalfCopies(repository);
}

/** Answers whether everything that the refs lead to is there. */
export async function isIntact(git: Git, repository: string): Promise<boolean> {
  const checked = await runGit(git, {
    repository,
    arguments: ['fsck', '--connectivity-only', '--no-dangling', '--no-progress'],
  });
  return checked.ended !== 'exited' || checked.exitCode === 0;
}

const packsBeforeRepack = 20;

/**
 * Each fetch with news adds one pack. Joining packs of similar size costs little each time and drops
 * nothing: a commit that a release once named stays readable after its branch was rewound or deleted.
 * Failing changes nothing, so it is not reported; the next fetch tries again.
 */
export async function joinPacks(git: Git, repository: string): Promise<void> {
  const packs = (await namesIn(join(repository, 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
  if (packs.length <= packsBeforeRepack) return;
  await runGit(git, { repository, arguments: ['repack', '--quiet', '-d', '-l', '--geometric=2'] });
  await runGit(git, { repository, arguments: ['pack-refs', '--all', '--prune'] });
}

async function isWhole(repository: string): Promise<boolean> {
  const parts = await Promise.all(
    ['HEAD', 'config', 'objects', 'refs'].map((name) => stat(join(repository, name)).catch(() => undefined)),
  );
  const [head, config, objects, refs] = parts;
  return (
    (head?.size ?? 0) > 0 && (config?.size ?? 0) > 0 && objects?.isDirectory() === true && refs?.isDirectory() === true
  );
}

async function clearHalfCopies(repository: string): Promise<void> {
  const [parent, own] = [join(repository, '..'), repository.slice(join(repository, '..').length + 1)];
  for (const name of await namesIn(parent)) {
    const half = name.startsWith(`${own}.`) && /\.(?:new|old)$/.test(name);
    if (half) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
