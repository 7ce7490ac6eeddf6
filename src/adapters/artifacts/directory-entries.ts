/** What a directory holds, in an order that only its names decide. */
import { isUtf8 } from 'node:buffer';
import type { Dirent } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { Failure } from '../../domain/base/failure.ts';

export interface FoundEntry {
  readonly kind: 'file' | 'directory' | 'link';
  readonly path: string;
  /** Empty for anything but a link. */
  readonly target: string;
}

/**
 * Depth first, names of one directory by their bytes, a directory before what it holds. Hard links count as files of their own.
 * @throws Failure `artifact/invalid` for sockets, pipes, devices, links that leave the directory, and names that are not UTF-8.
 */
export async function readDirectoryEntries(
  root: string,
  excluded: (path: string, isDirectory: boolean) => boolean,
): Promise<readonly FoundEntry[]> {
  const found: FoundEntry[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await sortedNames(root, below)) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (excluded(path, entry.dirent.isDirectory())) continue;
      found.push(await describe(root, path, entry.dirent));
      if (entry.dirent.isDirectory()) await visit(path);
    }
  };
  await visit('');
  return found;
}

interface NamedEntry {
  readonly name: string;
  readonly dirent: Dirent<Buffer>;
}

async function sortedNames(root: string, below: string): Promise<readonly NamedEntry[]> {
  const entries = await readdir(under(root, below), { withFileTypes: true, encoding: 'buffer' }).catch(
    (error: Error) => {
      throw refused(
        below === '' ? root : below,
        `it cannot be read (${error.message})`,
        'Check that the build made this directory and that Liftlock may read it.',
      );
    },
  );
  return entries
    .sort((left, right) => Buffer.compare(left.name, right.name))
    .map((dirent) => ({ name: textOf(dirent.name, below), dirent }));
}

async function describe(root: string, path: string, entry: Dirent<Buffer>): Promise<FoundEntry> {
  if (entry.isDirectory()) return { kind: 'directory', path, target: '' };
  if (entry.isFile()) return { kind: 'file', path, target: '' };
  if (!entry.isSymbolicLink())
    throw refused(path, 'it is a socket, a pipe or a device', 'Remove it at the end of the build, or exclude it.');
  const target = textOf(await readlink(under(root, path), { encoding: 'buffer' }), path);
  if (await staysInside(root, path, target)) return { kind: 'link', path, target };
  throw refused(
    path,
    `it is a symbolic link that leaves the directory (${target})`,
    'Copy what it points to, or exclude it.',
  );
}

const mostLinksFollowed = 40;

/** Follows a link as the system would, links on its way included. An absolute target leaves: the artifact will live elsewhere. */
async function staysInside(root: string, path: string, target: string): Promise<boolean> {
  const at = path.split('/').slice(0, -1);
  const ahead = [target];
  for (let followed = 0; ahead.length > 0;) {
    const next = ahead.shift() as string;
    if (next.startsWith('/')) return false;
    const [part, ...rest] = next.split('/') as [string, ...string[]];
    if (rest.length > 0) ahead.unshift(rest.join('/').replace(/^\/+/, ''));
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return false;
      continue;
    }
    const link = await linkAt(root, [...at, part].join('/'));
    if (link === undefined) at.push(part);
    else if (++followed > mostLinksFollowed) return false;
    else ahead.unshift(link);
  }
  return true;
}

async function linkAt(root: string, path: string): Promise<string | undefined> {
  const found = await lstat(under(root, path)).catch(() => undefined);
  return found?.isSymbolicLink() === true ? readlink(under(root, path)) : undefined;
}

function textOf(bytes: Buffer, place: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw refused(
    `${place}/${bytes.toString('utf8')}`,
    'its name or target is not UTF-8',
    'Rename it, or exclude the directory it is in.',
  );
}

function under(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`;
}

export function refused(path: string, why: string, hint: string): Failure {
  return new Failure('artifact/invalid', `${JSON.stringify(path)} cannot become part of an artifact: ${why}`, { hint });
}
