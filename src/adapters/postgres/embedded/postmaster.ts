import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import type { Clock } from '../../../ports/clock.ts';
import { dataArgument } from './account.ts';
import type { Cluster } from './cluster.ts';
import { openLog, readFrom } from './log-file.ts';
import { isAlive } from '../../../system/alive.ts';
import { commandLine } from './process.ts';
import { program, type Runtime } from './runtime.ts';
import { writeSettings } from './settings.ts';

/** The first process of a running server, as its lock file `postmaster.pid` tells. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: 'starting' | 'stopping' | 'ready';
}

const mark = '--liftlock.cluster=';

/**
 * The server that lives on this cluster, if any. The lock file alone is not believed: after SIGKILL or
 * a reboot its process id may belong to somebody else. The command line decides, it carries the cluster's id.
 */
export async function findPostmaster(cluster: Cluster): Promise<Postmaster | undefined> {
  const lock = await readLock(cluster);
  if (lock === undefined || !(await isPostmaster(lock.pid, cluster.id))) return undefined;
  return lock;
}

/** True while process `pid` is the server of the cluster with this id; false for zombies and for anybody else. */
export async function isPostmaster(pid: number, id: string): Promise<boolean> {
  return (await commandLine(pid)).includes(mark + id);
}

export interface LaunchedChild {
  readonly pid: number | undefined;
  /** Resolves, when the process ends, with what it wrote to the log. Never rejects. */
  readonly ended: Promise<string>;
}

/** Starts the server in a session of its own: it survives us and signals to our terminal. Does not wait until it is ready. */
export async function launchPostmaster(
  cluster: Cluster,
  { runtime, port }: { readonly runtime: Runtime; readonly port: number },
): Promise<LaunchedChild> {
  await writeSettings(cluster.data, cluster.account);
  const log = await openLog(cluster.logFile);
  const child = spawn(
    program(runtime, 'postgres'),
    ['-D', dataArgument(cluster.data, cluster.account), mark + cluster.id, '-c', `port=${port}`],
    {
      cwd: cluster.data,
      env: { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin', ...(await disownLock(cluster)) },
      detached: true,
      stdio: ['ignore', log.handle.fd, log.handle.fd],
      ...cluster.account,
    },
  );
  child.unref();
  const words = async (): Promise<string> => ownLines(await readFrom(cluster.logFile, log.size), child.pid);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${program(runtime, 'postgres')}: ${error.message}`));
    child.once(
      'exit',
      (code, signal) => void words().then((text) => resolve(`${text}\nended with ${signal ?? `exit code ${code}`}`)),
    );
  });
  await log.handle.close();
  return { pid: child.pid, ended };
}

const fastShutdownMs = 20_000;
const immediateShutdownMs = 5_000;

/** Fast shutdown (sessions are ended, all is written); after 20 s an immediate one (recovers at the next start). */
export async function stopPostmaster(cluster: Cluster, clock: Clock): Promise<void> {
  for (const [signal, patience] of [
    ['SIGINT', fastShutdownMs],
    ['SIGQUIT', immediateShutdownMs],
  ] as const) {
    const running = await findPostmaster(cluster);
    if (running === undefined) return;
    send(running.pid, signal);
    const deadline = clock.now() + patience;
    while (await isPostmaster(running.pid, cluster.id)) {
      if (clock.now() > deadline) break;
      await clock.sleep(20);
    }
  }
  const left = await findPostmaster(cluster);
  if (left === undefined) return;
  throw new Failure('database/failed', `the embedded PostgreSQL (process ${left.pid}) did not end`, {
    hint: `Look at ${cluster.logFile}; its disk may not answer.`,
  });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new Failure(
      'database/failed',
      `the embedded PostgreSQL (process ${pid}) belongs to another user and cannot be stopped`,
      {
        hint: 'Run the command as the user who started it, or as root.',
        cause: error,
      },
    );
  }
}

/** Lines with the process' own id, and those without any (the dynamic linker's, for one): another launcher may write at the same time. */
function ownLines(text: string, pid: number | undefined): string {
  const lines = text.split('\n').filter((line) => line.includes(`[${pid}]`) || !/ \[\d+\] /.test(line));
  return lines.join('\n').trim();
}

async function readLock(cluster: Cluster): Promise<Postmaster | undefined> {
  const text = await readFile(path.join(cluster.data, 'postmaster.pid'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    },
  );
  return parseLock(text);
}

/**
 * Line 1 process id, 4 port, 8 status padded with blanks (PostgreSQL, `src/include/utils/pidfile.h`).
 * Written in pieces during the start: what is not there yet reads as `starting`.
 */
function parseLock(text: string): Postmaster | undefined {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const status = lines[7]?.trim();
  const known = status === 'ready' || status === 'stopping' ? status : 'starting';
  return { pid, port: Number(lines[3] ?? 0), status: known };
}

/**
 * PostgreSQL refuses to start while any process of its user has the id in its lock file, be it a stranger
 * that got the id later or a zombie. It makes an exception for the process named here (meant for pg_ctl,
 * `CreateLockFile` in `src/backend/utils/init/miscinit.c`) and still checks that no session of the dead server is left.
 * In doubt, a PostgreSQL that was started by hand, nothing is named and PostgreSQL refuses.
 */
async function disownLock(cluster: Cluster): Promise<{ readonly PG_GRANDPARENT_PID?: string }> {
  const lock = await readLock(cluster);
  if (lock === undefined || !isAlive(lock.pid)) return {};
  const words = await commandLine(lock.pid);
  const byHand = /(^|\/)(postgres|postmaster)$/.test(words[0] ?? '') && !words.some((word) => word.startsWith(mark));
  return byHand ? {} : { PG_GRANDPARENT_PID: String(lock.pid) };
}
