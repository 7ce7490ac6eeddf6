import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Usage } from '../../ports/processes.ts';
import { groupMembers } from './group.ts';

/** What a process group uses now; `undefined` when it has no member or the platform cannot say. */
export async function usageOfGroup(group: number): Promise<Usage | undefined> {
  return process.platform === 'linux' ? await fromProc(group) : await fromPs(group);
}

/** Linux counts CPU time in hundredths of a second for every program, whatever the kernel's own tick is. */
const millisecondsPerTick = 10;

async function fromProc(group: number): Promise<Usage | undefined> {
  const members = groupMembers(group);
  if (members.length === 0) return undefined;
  const resident = await Promise.all(members.map((member) => residentBytes(member.pid)));
  return {
    cpuMs: sum(members.map((member) => member.cpuTicks)) * millisecondsPerTick,
    residentBytes: sum(resident),
    processes: members.length,
  };
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** `ps` prints `[[dd-]hh:]mm:ss[.cc]` and kibibytes. */
export async function fromPs(group: number): Promise<Usage | undefined> {
  const env = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };
  const run = promisify(execFile)('ps', ['-A', '-o', 'pgid=,rss=,time='], { env, maxBuffer: 2 ** 24 });
  const output = await run.catch(() => undefined);
  const rows = (output?.stdout ?? '').split('\n').map((line) => line.trim().split(/\s+/));
  const members = rows.filter(([pgid]) => pgid === String(group));
  if (members.length === 0) return undefined;
  return {
    cpuMs: sum(members.map(([, , time]) => milliseconds(time ?? '0'))),
    residentBytes: sum(members.map(([, kibibytes]) => Number(kibibytes) * 1024)),
    processes: members.length,
  };
}

function milliseconds(time: string): number {
  const [days, clock] = time.includes('-') ? time.split('-') : ['0', time];
  const seconds = (clock ?? '0').split(':').reduce((total, part) => total * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
