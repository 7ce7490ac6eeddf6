import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { inside } from './inside.ts';

export interface FileDigest {
  /** Relative to the directory, `folder` included, with `/`. */
  readonly path: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/**
 * The plain files under `folder`, at any depth, in the order of their paths by UTF-16 code unit (the same on every
 * machine). A link to a file inside the directory counts as that file; links to directories are not followed.
 */
export async function digestsUnder(directory: string, folder: string): Promise<readonly FileDigest[]> {
  const paths = (await filesUnder(directory, folder)).sort((left, right) => (left < right ? -1 : 1));
  const digests: FileDigest[] = [];
  for (const path of paths) digests.push({ path, sha256: await sha256Of(inside(directory, path)) });
  return digests;
}

async function filesUnder(directory: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(inside(directory, folder))) {
    const path = folder === '.' || folder === '' ? entry.name : `${folder.replace(/\/+$/, '')}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesUnder(directory, path)));
    else if (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(inside(directory, path)))))
      found.push(path);
  }
  return found;
}

async function entriesOf(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

async function leadsToFile(path: string): Promise<boolean> {
  return (await stat(path)).isFile();
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
