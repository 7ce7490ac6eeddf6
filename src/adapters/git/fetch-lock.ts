/**
 * One writer at a time for one copy, across processes. The lock names its holder and the Git commands the
 * holder started, because those may outlive a killed holder; it is free again when all of them are gone.
 */
import { randomUUID } from 'node:crypto';
import { appendFile, constants, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from '../../system/alive.ts';

export interface FetchLock {
  /** Must be called for every Git command that writes. */
  noteCommand(pid: number): void;
  release(): Promise<void>;
}

/** Tells this process from an earlier one with the same process id, as in a restarted container. */
const processToken = randomUUID();
const pollMs = 50;

/**
 * Waits at most `waitMs`; `undefined` when another holder kept it that long. A lock untouched for ten times
 * as long is taken over whatever its process ids say, since ids are used again.
 */
export async function acquireFetchLock(path: string, waitMs: number): Promise<FetchLock | undefined> {
  const deadline = performance.now() + waitMs;
  const content = `${process.pid} ${processToken} ${randomUUID()}\n`;
  while (!(await create(path, content))) {
    if (await takeAwayDead(path, waitMs * 10)) continue;
    if (performance.now() > deadline) return undefined;
    await pause(pollMs);
  }
  let noted: Promise<void> = Promise.resolve();
  return {
    noteCommand: (pid) => {
      noted = noted
        .then(() => appendFile(path, `${pid}\n`, { flag: constants.O_WRONLY | constants.O_APPEND }))
        .catch(() => {});
    },
    release: async () => {
      await noted;
      const present = await readFile(path, 'utf8').catch(() => '');
      if (present.startsWith(content)) await rm(path, { force: true });
    },
  };
}

/** A link appears with its content or not at all. */
async function create(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, content);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** True when the lock is worth trying for again at once. */
async function takeAwayDead(path: string, tooOldMs: number): Promise<boolean> {
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === undefined) return true;
  if (hasLiveHolder(content) && !(await isOlder(path, tooOldMs))) return false;
  const taken = `${path}.${randomUUID()}`;
  try {
    await rename(path, taken);
  } catch {
    return true;
  }
  // Somebody else may have taken the dead lock and made a new one in between: that one is put back.
  const moved = await readFile(taken, 'utf8').catch(() => content);
  if (moved !== content && hasLiveHolder(moved)) await link(taken, path).catch(() => {});
  await rm(taken, { force: true });
  return true;
}

function hasLiveHolder(content: string): boolean {
  const lines = content.split('\n').slice(0, -1);
  const [pid, token] = (lines[0] ?? '').split(' ');
  const holderLives = Number(pid) === process.pid ? token === processToken : isAlive(Number(pid));
  return holderLives || lines.slice(1).some((line) => isAlive(Number(line)));
}

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ageMs;
}
