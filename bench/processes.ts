/** What the kernel tells of processes (Linux). */
import { readdir, readFile } from 'node:fs/promises';

/** Linux counts CPU in hundredths of a second for programs, whatever the kernel uses itself. */
const millisecondsPerTick = 10;

/** A process and what it started that still runs. */
export async function familyOf(pid: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map(async (one) => ({ one, parent: Number((await statOf(one))[1]) })));
  return [pid, ...parents.filter(({ parent }) => parent === pid).map(({ one }) => one)];
}

/** Milliseconds of CPU that they have used so far. */
export async function cpuOf(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all(pids.map(async (pid) => sumOf((await statOf(pid)).slice(11, 13))));
  return sumOf(ticks) * millisecondsPerTick;
}

/** As `cpuOf`, of one with its children that have ended. */
export async function cpuWithEnded(pid: number): Promise<number> {
  return sumOf((await statOf(pid)).slice(11, 15)) * millisecondsPerTick;
}

/** The fields of /proc/<pid>/stat from the third on: the name before them stands in parentheses and may contain anything. */
async function statOf(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function sumOf(values: readonly (string | number)[]): number {
  return values.reduce<number>((total, value) => total + Number(value), 0);
}
