import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import { accountFor, dataArgument, type Account } from './account.ts';
import { explainFileError, explainInitdb } from './explain.ts';
import { program, usableRuntime, type Runtime } from './runtime.ts';
import { writeSettings } from './settings.ts';

/** A completed cluster: the files PostgreSQL keeps, and what we must know to reach them. */
export interface Cluster {
  /** PostgreSQL's data directory. */
  readonly data: string;
  /** Random name on the server's command line, by which a process is recognised as the server of this cluster. */
  readonly id: string;
  readonly superuser: string;
  readonly password: string;
  readonly account: Account | undefined;
  readonly logFile: string;
}

const superuser = 'liftlock';

/**
 * Makes the cluster of a directory when there is none; call it inside `exclusively`. `cluster/` comes into
 * being by one rename after everything in it is on disk, so it is complete or absent; an initialisation
 * that was killed leaves only `cluster.new-…`, which the next start removes. A completed cluster is never removed.
 */
export async function ensureCluster(directory: string, runtime: Runtime): Promise<void> {
  const home = path.join(directory, 'cluster');
  await removeUnfinished(directory);
  if ((await stat(home).catch(onlyAbsent)) !== undefined) return;
  await makeCluster({ directory, home, account: await accountFor(path.join(home, 'data')) }, runtime);
}

/** @throws Failure `database/unsupported` for data of another major version, `database/failed` when damaged or not ours to read. */
export async function openCluster(directory: string, runtime: Runtime): Promise<Cluster> {
  const home = path.join(directory, 'cluster');
  const data = path.join(home, 'data');
  try {
    await requireMajor(data, runtime.major);
    const id = await readFile(path.join(home, 'id'), 'utf8');
    const password = await readFile(path.join(home, 'password'), 'utf8');
    return {
      data,
      id,
      superuser,
      password,
      account: await accountFor(data),
      logFile: path.join(directory, 'postgres.log'),
    };
  } catch (error) {
    throw explainFileError(error, home);
  }
}

interface Place {
  readonly directory: string;
  readonly home: string;
  readonly account: Account | undefined;
}

async function makeCluster(place: Place, packaged: Runtime): Promise<void> {
  const runtime = await usableRuntime(packaged, place);
  const fresh = path.join(place.directory, `cluster.new-${randomBytes(6).toString('hex')}`);
  try {
    await fill(fresh, place.account, runtime);
    await rename(fresh, place.home);
    await flushDirectory(place.directory);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

async function fill(home: string, account: Account | undefined, runtime: Runtime): Promise<void> {
  const data = path.join(home, 'data');
  await mkdir(home, { mode: 0o700 });
  await mkdir(data, { mode: 0o700 });
  if (account !== undefined) await chown(data, account.uid, account.gid);
  await writeDurably(path.join(home, 'id'), randomBytes(16).toString('hex'));
  await writeDurably(path.join(home, 'password'), randomBytes(32).toString('hex'));
  await initialise({ home, data, account }, runtime);
  await writeSettings(data, account);
  await flushData({ home, data, account }, runtime);
  await flushDirectory(home);
}

interface Fresh {
  readonly home: string;
  readonly data: string;
  readonly account: Account | undefined;
}

/** The password is handed over as an open file: the account that runs initdb may not be able to reach it by its path. */
async function initialise(fresh: Fresh, runtime: Runtime): Promise<void> {
  const password = await open(path.join(fresh.home, 'password'), 'r');
  try {
    if (fresh.account !== undefined) await password.chown(fresh.account.uid, fresh.account.gid);
    const options = [
      `--username=${superuser}`,
      '--pwfile=/dev/stdin',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ];
    await initdb(fresh, runtime, { options, stdin: password.fd });
  } finally {
    await password.close();
  }
}

/** On Linux one `syncfs` instead of one flush of the disk for each of a thousand files. */
async function flushData(fresh: Fresh, runtime: Runtime): Promise<void> {
  const method = process.platform === 'linux' ? ['--sync-method=syncfs'] : [];
  await initdb(fresh, runtime, { options: ['--sync-only', ...method], stdin: 'ignore' });
}

async function initdb(
  fresh: Fresh,
  runtime: Runtime,
  { options, stdin }: { readonly options: readonly string[]; readonly stdin: number | 'ignore' },
): Promise<void> {
  const child = spawn(program(runtime, 'initdb'), ['-D', dataArgument(fresh.data, fresh.account), ...options], {
    cwd: fresh.data,
    env: { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdio: [stdin, 'pipe', 'pipe'],
    ...fresh.account,
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((error: unknown) => {
    throw explainInitdb(String(error), runtime.native);
  });
  if (code !== 0) throw explainInitdb(said, runtime.native);
}

async function requireMajor(data: string, major: string): Promise<void> {
  const found = (await readFile(path.join(data, 'PG_VERSION'), 'utf8').catch(onlyAbsent))?.trim();
  if (found === undefined) {
    throw new Failure('database/failed', `${data} is damaged: it was completed once and now has no PG_VERSION`, {
      hint: 'Restore it from a backup, or move its parent directory away to begin with an empty database.',
    });
  }
  if (found === major) return;
  throw new Failure(
    'database/unsupported',
    `${data} was written by PostgreSQL ${found}, and this Liftlock brings PostgreSQL ${major}`,
    {
      hint: `Run the Liftlock that brought PostgreSQL ${found}, dump its databases and load them into this one; or move the directory away to begin empty; or set DATABASE_URL.`,
    },
  );
}

/** An initdb that outlived its maker may still write there: what cannot be removed now is removed at the next start. */
async function removeUnfinished(directory: string): Promise<void> {
  const unfinished = (await readdir(directory)).filter((name) => name.startsWith('cluster.new-'));
  for (const name of unfinished)
    await rm(path.join(directory, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function onlyAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
