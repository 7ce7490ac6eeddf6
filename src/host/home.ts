/**
 * The home of one control plane on one machine: where its state is kept, which server runs from it, and the
 * operator's token. Everything in it belongs to one user and is closed to others.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../domain/base/failure.ts';

export interface Home {
  readonly directory: string;
  readonly postgres: string;
  readonly artifacts: string;
  readonly repositories: string;
  readonly processes: string;
  readonly workspaces: string;
  readonly secrets: string;
  /** What services write, a directory for each environment. */
  readonly data: string;
  readonly edge: string;
  readonly caddy: string;
  readonly nginx: string;
  readonly haproxy: string;
  /** What evidence was read from, and the key with which this installation signs evidence. */
  readonly evidence: string;
  readonly evidenceKeyFile: string;
  readonly tokenFile: string;
  readonly serverFile: string;
  /** The key that signs the audit log, and what it signed last. */
  readonly auditKeyFile: string;
  readonly auditCheckpointFile: string;
}

/** What a running server writes down so that the command line finds it. */
export interface ServerRecord {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
}

export const homeName = '.liftlock';

export function homeAt(directory: string): Home {
  const root = resolve(directory);
  return {
    directory: root,
    postgres: join(root, 'postgres'),
    artifacts: join(root, 'artifacts'),
    repositories: join(root, 'repositories'),
    processes: join(root, 'processes'),
    workspaces: join(root, 'workspaces'),
    secrets: join(root, 'secrets'),
    data: join(root, 'data'),
    edge: join(root, 'edge'),
    caddy: join(root, 'caddy'),
    nginx: join(root, 'nginx'),
    haproxy: join(root, 'haproxy'),
    evidence: join(root, 'evidence'),
    evidenceKeyFile: join(root, 'evidence.key'),
    tokenFile: join(root, 'token'),
    serverFile: join(root, 'server.json'),
    auditKeyFile: join(root, 'audit.key'),
    auditCheckpointFile: join(root, 'audit.checkpoint'),
  };
}

/** Creates the home when it is missing; Git ignores it by its own `.gitignore`. */
export async function prepareHome(home: Home): Promise<void> {
  try {
    await mkdir(home.directory, { recursive: true, mode: 0o700 });
    await writeFile(join(home.directory, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (isCode(error, 'EEXIST')) return;
    throw new Failure(
      'input/invalid',
      `${home.directory} cannot be used as Liftlock's home: ${(error as Error).message}`,
      {
        hint: 'choose another with LIFTLOCK_HOME',
        cause: error,
      },
    );
  }
}

/** The nearest home from `start` upwards, stopping at the root of the Git repository. */
export function findHome(start: string): Home | undefined {
  for (let directory = resolve(start); ; directory = dirname(directory)) {
    if (existsSync(join(directory, homeName, 'server.json'))) return homeAt(join(directory, homeName));
    if (existsSync(join(directory, '.git')) || dirname(directory) === directory) return undefined;
  }
}

/** The root of the Git repository around `start`, or `start` itself. */
export function projectRoot(start: string): string {
  for (let directory = resolve(start); dirname(directory) !== directory; directory = dirname(directory)) {
    if (existsSync(join(directory, '.git'))) return directory;
  }
  return resolve(start);
}

/** 256 random bits in a file that only its owner can read; made once. */
export async function secretFile(file: string): Promise<string> {
  const made = randomBytes(32).toString('base64url');
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  if (!existsSync(file)) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, made, { mode: 0o600, flag: 'wx' });
    // Whoever comes first wins; the loser reads what the winner wrote.
    await linkOrYield(draft, file);
  }
  return (await readFile(file, 'utf8')).trim();
}

async function linkOrYield(draft: string, file: string): Promise<void> {
  await link(draft, file).catch((error: unknown) => {
    if (!isCode(error, 'EEXIST')) throw error;
  });
  await rm(draft, { force: true });
}

export async function writeServerRecord(home: Home, record: ServerRecord): Promise<void> {
  await replaceFile(home.serverFile, JSON.stringify(record));
}

/** The token with which the operator of this machine acts, if there is one. */
export async function readTokenFile(home: Home): Promise<string | undefined> {
  return (await readFile(home.tokenFile, 'utf8').catch(() => undefined))?.trim();
}

export async function writeTokenFile(home: Home, token: string): Promise<void> {
  await replaceFile(home.tokenFile, token);
}

/** All or nothing, and for its owner only. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  await handle.writeFile(text);
  await handle.sync();
  await handle.close();
  await rename(draft, file);
}

/** Removes the record when it is ours; another server's is left alone. */
export async function removeServerRecord(home: Home): Promise<void> {
  const record = await readServerRecord(home);
  if (record?.pid === process.pid) await rm(home.serverFile, { force: true });
}

export async function readServerRecord(home: Home): Promise<ServerRecord | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(home.serverFile, 'utf8'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is ServerRecord {
  const record = value as Partial<ServerRecord> | null;
  return typeof record === 'object' && typeof record?.url === 'string' && typeof record.pid === 'number';
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === code;
}
