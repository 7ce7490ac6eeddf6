/** `Contents` in one directory: `<first two digits>/<hex>` is the content itself; a name with a dot is on its way in. */
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hexOf, isDigest, type Digest } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Contents } from '../../ports/contents.ts';

export function createContents({ directory }: { readonly directory: string }): Contents {
  return {
    put: (content) => put(directory, content),
    get: (digest) => get(directory, digest),
  };
}

async function put(directory: string, content: Uint8Array): Promise<Digest> {
  const digest = digestOf(content);
  const path = pathOf(directory, digest);
  if (await exists(path)) return digest;
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(draft, 'wx', 0o400);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await flush(dirname(path));
    return digest;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new Failure('artifact/unwritable', `evidence could not be stored: ${(error as Error).message}`, {
      hint: `Free disk space and check the rights of ${directory}.`,
      cause: error,
    });
  }
}

async function get(directory: string, digest: Digest): Promise<Uint8Array> {
  const content = await readFile(pathOf(directory, digest)).catch((error: unknown) => {
    throw new Failure('evidence/content-missing', `the content of the evidence, ${digest}, is not stored here`, {
      hint: 'It lies in the home of the control plane that recorded it, or in a backup of that.',
      cause: error,
    });
  });
  if (digestOf(content) === digest) return content;
  throw new Failure(
    'evidence/content-corrupt',
    `the stored content ${digest} is damaged: it hashes to something else`,
    {
      hint: 'Restore the file from a backup; look at the health of the disk.',
    },
  );
}

/** Digests come from requests and the database: only a well-formed one may become a path. */
function pathOf(directory: string, digest: Digest): string {
  if (!isDigest(digest))
    throw new Failure('evidence/content-missing', `${JSON.stringify(digest)} is not the digest of a content`);
  const hex = hexOf(digest);
  return join(directory, hex.slice(0, 2), hex);
}

function digestOf(content: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
}

async function flush(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
