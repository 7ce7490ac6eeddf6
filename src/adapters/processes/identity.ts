import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * One process, told apart from every later one that gets the same number: `start` is when it began
 * (clock ticks since boot; on macOS the date that `ps` prints) and `boot` names the boot it belongs to.
 */
export interface Identity {
  readonly pid: number;
  readonly start: string;
  readonly boot: string;
}

/** What `/proc/<pid>/stat` says that we need; times in clock ticks. */
export interface ProcessStat {
  readonly pid: number;
  readonly group: number;
  readonly session: number;
  readonly start: string;
  readonly cpuTicks: number;
}

const linux = process.platform === 'linux';

/** `undefined` when no such process lives; a zombie does not. */
export function identify(pid: number): Identity | undefined {
  const start = linux ? readStat(pid)?.start : startFromPs(pid);
  return start === undefined ? undefined : { pid, start, boot: bootId() };
}

export function lives(identity: Identity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.start === identity.start && now.boot === identity.boot;
}

/** Changes with every boot on Linux; empty elsewhere, where `start` is a date and needs no help. */
export function bootId(): string {
  return linux ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() : '';
}

/** Linux only. CPU time includes that of children already waited for. */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name in parentheses may hold anything, so the fields are counted from the last `)`: index 0 is field 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (field: number) => Number(fields[field - 3]);
  const ended = fields[0] === 'X' || (fields[0] === 'Z' && number(20) <= 1);
  if (ended) return undefined;
  const cpuTicks = number(14) + number(15) + number(16) + number(17);
  return { pid, group: number(5), session: number(6), start: fields[19] ?? '', cpuTicks };
}

/** Zone and language are fixed, because the date must read the same to every caller. */
export function startFromPs(pid: number): string | undefined {
  try {
    const env = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env,
      stdio: 'pipe',
    });
    const [status = 'Z', ...date] = line.trim().split(/\s+/);
    return status.startsWith('Z') ? undefined : date.join(' ');
  } catch {
    return undefined;
  }
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
