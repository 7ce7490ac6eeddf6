import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import type { Clock } from '../../../ports/clock.ts';

/** Longer than a slow initialisation and a slow recovery together. */
const patienceMs = 300_000;
const lookEveryMs = 20;

/**
 * Runs `work` while nobody else on this machine, in this process or another, does so for the same directory.
 * The kernel holds the lock and gives it back when its holder dies, however it dies, so no lock is ever
 * stale. PostgreSQL's own lock file is not enough: of two servers started at once after a crash one may
 * remove the other's file. Containers that share a directory but no network do not see each other.
 * @throws Failure `database/unreachable` when another holder does not finish.
 */
export async function exclusively<Answer>(
  directory: string,
  clock: Clock,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const file = path.join(directory, 'lock');
  const name = await lockName(file);
  const deadline = clock.now() + patienceMs;
  let release = await tryLock(file, name);
  while (release === undefined) {
    if (clock.now() > deadline) {
      throw new Failure(
        'database/unreachable',
        `another process has been starting the database of ${directory} for ${patienceMs / 1000} s`,
        {
          hint: 'Look at the log beside it; end that process if it hangs.',
        },
      );
    }
    await clock.sleep(lookEveryMs);
    release = await tryLock(file, name);
  }
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Random, and readable only by who may read the directory: nobody else can occupy the lock. */
async function lockName(file: string): Promise<string> {
  const fresh = `${file}.new-${randomBytes(6).toString('hex')}`;
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known !== '') return known;
  await writeFile(fresh, randomBytes(16).toString('hex'), { mode: 0o600, flag: 'wx' });
  await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(fresh, { force: true });
  return await readFile(file, 'utf8');
}

type Release = () => Promise<unknown>;

async function tryLock(file: string, name: string): Promise<Release | undefined> {
  return process.platform === 'linux' ? tryAbstractSocket(name) : tryLockedFile(file);
}

/** A socket in Linux's abstract name space: no file, gone with its process (unix(7)). */
async function tryAbstractSocket(name: string): Promise<Release | undefined> {
  const socket = createServer((connection) => connection.destroy());
  return await new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    socket.listen(`\0liftlock/${name}`, () => resolve(() => new Promise((closed) => socket.close(closed))));
  });
}

/** `O_EXLOCK` of macOS and the BSDs (open(2)): opened and locked in one step; Node has no name for it. */
const exclusiveLock = 0x20;

async function tryLockedFile(file: string): Promise<Release | undefined> {
  try {
    const handle = await open(file, constants.O_RDWR | constants.O_NONBLOCK | exclusiveLock);
    return () => handle.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
