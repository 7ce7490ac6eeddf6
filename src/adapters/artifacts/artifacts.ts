/**
 * `Artifacts` in one directory: `<hex>.tar.gz` is the stored content (compressed with gzip; the digest is the SHA-256 of the tar
 * inside), `<hex>/` its shared read-only copy with `<hex>.seen` beside it. Once somebody has written into that, which being
 * read-only does not stop root from, the next copy is `<hex>.2/`: whoever works in the old one is left alone, and whoever comes
 * gets what was released. Everything else there begins with a dot and is on its way in or out.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type Digest, hexOf, isDigest } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Artifacts, StoredArtifact } from '../../ports/artifacts.ts';
import { readDirectoryEntries } from './directory-entries.ts';
import { createExclusion } from './exclusion.ts';
import { flush, flushTree } from './flush-tree.ts';
import { collectGarbage, removeTree } from './garbage.ts';
import { readArchive } from './read-archive.ts';
import { isUntouched, rememberLooks } from './untouched.ts';
import { writeArchive } from './write-archive.ts';

export interface ArtifactSettings {
  readonly directory: string;
  /** Content younger than this is never garbage: it may belong to a release that is being recorded. An hour by default. */
  readonly graceMs?: number;
}

/** Artifacts are written once and read often, mostly from the same disk: little is gained by pressing harder. */
const compressionLevel = 3;

export function createArtifacts(settings: ArtifactSettings): Artifacts {
  const { directory, graceMs = 3_600_000 } = settings;
  const unpacking = new Map<Digest, Promise<string>>();
  return {
    pack: (from, exclude) => pack(directory, from, exclude),
    has: (digest) => exists(contentPath(directory, digest)),
    unpack: (digest) => {
      const running = unpacking.get(digest) ?? unpack(directory, digest).finally(() => unpacking.delete(digest));
      unpacking.set(digest, running);
      return running;
    },
    collectGarbage: (keep) => collectGarbage(directory, new Set([...keep].map(hexOf)), graceMs),
  };
}

async function pack(directory: string, from: string, exclude: readonly string[]): Promise<StoredArtifact> {
  const entries = await readDirectoryEntries(from, createExclusion(exclude));
  const temporary = join(directory, `.pack-${randomUUID()}`);
  const hash = createHash('sha256');
  let bytes = 0;
  const measured = async function* () {
    for await (const chunk of writeArchive(from, entries)) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  try {
    await mkdir(directory, { recursive: true });
    await pipeline(
      measured(),
      createGzip({ level: compressionLevel }),
      createWriteStream(temporary, { flags: 'wx', flush: true }),
    );
    const digest = `sha256:${hash.digest('hex')}` as Digest;
    await rename(temporary, contentPath(directory, digest));
    await flush(directory);
    return { digest, bytes, files: entries.filter((entry) => entry.kind === 'file').length };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw storageFailure(error, 'storing an artifact', directory);
  }
}

/** Processes that unpack the same content at once each work in a directory of their own; the first rename wins. */
async function unpack(directory: string, digest: Digest): Promise<string> {
  const { newest, next } = await copiesOf(directory, digest);
  if (newest !== undefined && (await isUntouched(newest, digest))) return newest;
  const target = next;
  if (!(await exists(contentPath(directory, digest)))) {
    throw new Failure('artifact/missing', `artifact ${digest} is not stored`, {
      hint: 'Build the release again, or restore the artifacts directory from a backup.',
    });
  }
  const temporary = join(directory, `.unpack-${randomUUID()}`);
  try {
    await mkdir(temporary);
    await unpackVerified(directory, digest, temporary);
    await flushTree(temporary);
    await renameOrYield(temporary, target);
    await flush(directory);
    await rememberLooks(target);
    return target;
  } catch (error) {
    await removeTree(temporary);
    throw storageFailure(error, `unpacking artifact ${digest}`, directory);
  }
}

/** The copy that was made last, and what the one after it is called. */
async function copiesOf(directory: string, digest: Digest): Promise<{ newest: string | undefined; next: string }> {
  const hex = hexChecked(digest);
  const names = await readdir(directory).catch(() => []);
  const numbers = names.flatMap((name) => {
    const [first, number, ...more] = name.split('.');
    if (first !== hex || more.length > 0) return [];
    return number === undefined ? [1] : /^\d+$/.test(number) ? [Number(number)] : [];
  });
  const last = Math.max(0, ...numbers);
  const place = (number: number) => join(directory, number === 1 ? hex : `${hex}.${number}`);
  return { newest: last === 0 ? undefined : place(last), next: place(last + 1) };
}

async function unpackVerified(directory: string, digest: Digest, temporary: string): Promise<void> {
  const hash = createHash('sha256');
  try {
    await pipeline(
      createReadStream(contentPath(directory, digest)),
      createGunzip(),
      async (content: AsyncIterable<Buffer>) => {
        await readArchive(
          hashed(content, (chunk) => hash.update(chunk)),
          temporary,
        );
      },
    );
  } catch (error) {
    throw isDamage(error) ? corrupt(digest, (error as Error).message, error) : error;
  }
  const actual = hash.digest('hex');
  if (actual !== hexOf(digest)) throw corrupt(digest, `its content hashes to ${actual}`);
}

async function* hashed(content: AsyncIterable<Buffer>, note: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    note(chunk);
    yield chunk;
  }
}

/** Of gzip (`Z_…`), of the format (RangeError), or a tree that no directory could have held. */
function isDamage(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return error instanceof RangeError || /^Z_|^(?:EEXIST|ENOTDIR|EISDIR|ENAMETOOLONG|EINVAL)$/.test(code);
}

async function renameOrYield(temporary: string, target: string): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await removeTree(temporary);
  }
}

function contentPath(directory: string, digest: Digest): string {
  return join(directory, `${hexChecked(digest)}.tar.gz`);
}

/** Digests come from the database and from requests: only a well-formed one may become a path. */
function hexChecked(digest: Digest): string {
  if (!isDigest(digest))
    throw new Failure('artifact/missing', `${JSON.stringify(digest)} is not the digest of an artifact`);
  return hexOf(digest);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function corrupt(digest: Digest, why: string, cause?: unknown): Failure {
  return new Failure('artifact/corrupt', `stored artifact ${digest} is damaged: ${why}`, {
    hint: 'Restore its file from a backup, or build the release again; look at the health of the disk.',
    cause,
  });
}

function storageFailure(error: unknown, what: string, directory: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (
    error instanceof Failure ||
    !/^(?:ENOSPC|EDQUOT|EROFS|EACCES|EPERM|EIO|EFBIG|ENOTDIR|EMFILE|ENFILE)$/.test(code ?? '')
  )
    return error;
  return new Failure('artifact/unwritable', `${what} failed: ${(error as Error).message}`, {
    hint: `Free disk space and check the rights of ${directory}; it is tried again.`,
    cause: error,
  });
}
