import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import type { Workspaces } from '../../ports/workspaces.ts';
import { copyTree } from './copy-tree.ts';
import { digestsUnder } from './digests.ts';
import { inside } from './inside.ts';
import { removeTree } from './remove-tree.ts';

/**
 * One directory for each key under `directory`, readable by nobody else. A workspace appears and disappears in one
 * step: what is half copied or half removed bears a `#` in its name and goes with the next `fresh` or `remove` of its key.
 */
export function createWorkspaces({ directory }: { readonly directory: string }): Workspaces {
  const root = resolve(directory);
  return {
    fresh: async (key) => fresh(root, nameOf(key)),
    existing: async (key) => existing(join(root, nameOf(key)), key),
    copyOf: async (source, key) => copyOf(root, source, nameOf(key)),
    inside,
    files: digestsUnder,
    remove: async (key) => remove(root, nameOf(key)),
  };
}

async function fresh(root: string, name: string): Promise<string> {
  await remove(root, name);
  const workspace = join(root, name);
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  return workspace;
}

async function existing(workspace: string, key: string): Promise<string> {
  if (await isDirectory(workspace)) return workspace;
  throw new Failure('process/lost', `the working directory of ${key} is gone`, {
    hint: 'Something removed it while it was in use; start anew what worked there.',
  });
}

async function copyOf(root: string, source: string, name: string): Promise<string> {
  const workspace = join(root, name);
  if (await isDirectory(workspace)) return workspace;
  await mkdir(root, { recursive: true, mode: 0o700 });
  const draft = `${workspace}#${randomUUID()}`;
  try {
    await copyTree(source, draft);
    await rename(draft, workspace);
  } catch (error) {
    await removeTree(draft);
    if (!(await isDirectory(workspace))) throw refused(source, error);
    // Somebody else asked for the same copy and was faster.
  }
  return workspace;
}

async function remove(root: string, name: string): Promise<void> {
  await rename(join(root, name), join(root, `${name}#${randomUUID()}`)).catch(ifThere);
  const names = (await readdir(root).catch(ifThere)) ?? [];
  await Promise.all(
    names.filter((other) => other.startsWith(`${name}#`)).map((other) => removeTree(join(root, other))),
  );
}

/** `/` becomes `+`, a capital letter `=` and its small form: two keys never share a directory, whatever the file system thinks of case. */
function nameOf(key: string): string {
  const isKey = key.split('/').every((part) => /^[A-Za-z0-9_.-]+$/.test(part) && part !== '.' && part !== '..');
  const name = key.replaceAll('/', '+').replace(/[A-Z]/g, (letter) => `=${letter.toLowerCase()}`);
  if (isKey && name.length <= 200) return name;
  throw new Failure('input/invalid', `${JSON.stringify(key.slice(0, 200))} cannot name a workspace`, {
    hint: 'Use letters, digits, "_", "-" and ".", with "/" between parts.',
  });
}

async function isDirectory(path: string): Promise<boolean> {
  const info = await stat(path).catch(ifThere);
  return info?.isDirectory() ?? false;
}

function refused(source: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure('process/refused', `no working copy of ${source} could be made: ${(error as Error).message}`, {
    hint: 'Check free disk space and permissions below the home of Liftlock, then try again.',
    cause: error,
  });
}

function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
