/** What the edge keeps on disk, so that its next process goes on where this one stopped. All of it is its owner's alone. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Route } from '../../../ports/traffic.ts';

export interface EdgeState {
  readonly routes: readonly Route[];
}

/** How the edge that runs is reached. */
export interface EdgeRecord {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
  readonly version: string;
}

function stateFile(directory: string): string {
  return join(directory, 'routes.json');
}

function recordFile(directory: string): string {
  return join(directory, 'edge.json');
}

export async function readState(directory: string): Promise<EdgeState> {
  return (await readJson<EdgeState>(stateFile(directory))) ?? { routes: [] };
}

export function readRecord(directory: string): Promise<EdgeRecord | undefined> {
  return readJson<EdgeRecord>(recordFile(directory));
}

/** The key that signs cookies: the same for ever, so that users stay where they are across restarts. */
export async function cookieKey(directory: string): Promise<Buffer> {
  const file = join(directory, 'cookie.key');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const known = await readFile(file).catch(() => undefined);
  if (known?.length === 32) return known;
  const made = randomBytes(32);
  await writeWhole(file, made);
  return made;
}

export function writeState(directory: string, state: EdgeState): Promise<void> {
  return writeWhole(stateFile(directory), JSON.stringify(state));
}

export function writeRecord(directory: string, record: EdgeRecord): Promise<void> {
  return writeWhole(recordFile(directory), JSON.stringify(record));
}

/** The old content or the new, never a part: also when the machine stops in between. */
async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
