import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import type { Secrets } from '../../ports/secrets.ts';

const largestBytes = 64 * 1024;

/**
 * Secrets as files, one value a file: `<directory>/<project>/<environment>/<NAME>`, else
 * `<directory>/<project>/<NAME>`. Read anew each time, so a changed file takes effect with the next deployment.
 *
 * A file that its group or others may read is refused with `secret/missing`: what anybody on the machine
 * can read is no secret, and a warning would not be read. Links are followed and the file they lead to is what
 * counts. One line end at the end is left off; a file that is empty, no text or larger than 64 KiB is refused.
 */
export function createFileSecrets({ directory }: { readonly directory: string }): Secrets {
  return {
    read: async ({ project, environment }, name) => {
      if (!isName(name)) throw invalid('secret', name);
      if (!isName(project)) throw invalid('project', project);
      if (!isName(environment)) throw invalid('environment', environment);
      return (
        (await readSecret(join(directory, project, environment, name))) ??
        (await readSecret(join(directory, project, name)))
      );
    },
  };
}

function isName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(name);
}

function invalid(what: string, name: string): Failure {
  return new Failure('input/invalid', `${JSON.stringify(name.slice(0, 80))} cannot be the name of a ${what}`, {
    hint: 'Use letters, digits, "_", "-" and "."; it becomes part of a file path.',
  });
}

async function readSecret(path: string): Promise<string | undefined> {
  const file = await openIfThere(path);
  if (file === undefined) return undefined;
  try {
    return await contentOf(file, path);
  } finally {
    await file.close();
  }
}

/** Without waiting for a writer, should it be a pipe. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Failure('secret/missing', `the secret ${path} cannot be read: ${message}`, {
      hint: 'The file must belong to the user that runs Liftlock.',
      cause: error,
    });
  }
}

/** A directory is another environment's, not a secret of that name. */
async function contentOf(file: FileHandle, path: string): Promise<string | undefined> {
  const info = await file.stat();
  if (info.isDirectory()) return undefined;
  if (!info.isFile()) throw refused(path, 'is not a plain file', 'Put the value into a file.');
  if ((info.mode & 0o077) !== 0) {
    const mode = (info.mode & 0o777).toString(8).padStart(3, '0');
    throw refused(path, `may be read or written by others than its owner (mode ${mode})`, `chmod 600 '${path}'`);
  }
  const bytes = Buffer.alloc(largestBytes + 1);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
  if (bytesRead > largestBytes)
    throw refused(path, 'is larger than 64 KiB', 'A variable cannot hold it; pass a path instead.');
  return valueIn(bytes.subarray(0, bytesRead), path);
}

function valueIn(bytes: Uint8Array, path: string): string {
  const text = decode(bytes);
  if (text === undefined || text.includes('\0'))
    throw refused(path, 'is not UTF-8 text', 'Encode binary values, e.g. as base64.');
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw refused(path, 'is empty', 'Write the value into it, or remove the file.');
  return value;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function refused(path: string, what: string, hint: string): Failure {
  return new Failure('secret/missing', `the secret ${path} ${what}`, { hint });
}
