/** Our HAProxy as a process: found, started, and given a new configuration. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../../domain/base/failure.ts';
import { commandLine } from '../../../domain/base/shell.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Processes } from '../../../ports/processes.ts';
import { findProgram } from '../find-program.ts';
import { startUnlessRunning, urgent } from '../service.ts';
import { askMaster, reload, tellWorker, unreachable, type Master, type Worker } from './master.ts';
import { structureOfInfo } from './tell.ts';

export interface RunningParts {
  readonly processes: Processes;
  readonly clock: Clock;
  /** Of our HAProxy alone: what it is told, and how it is reached. */
  readonly directory: string;
  /** Where programs are looked for, as in PATH. */
  readonly searchPath: string;
}

const keyPrefix = 'haproxy/';
const startPatienceMs = 10_000;
const reloadPatienceMs = 20_000;
const lookMs = 10;
/** What the kernel allows as the name of a socket, without what HAProxy appends while it opens one. */
const longestSocketName = 90;

export const configurationFile = 'haproxy.cfg';

export function socketOf({ directory }: RunningParts): string {
  return join(directory, 'master.sock');
}

/** The master with a worker that serves; started when there is none. Its files must be there. */
export async function reach(parts: RunningParts): Promise<Master> {
  const socket = socketOf(parts);
  if (Buffer.byteLength(socket) > longestSocketName)
    throw new Failure('traffic/unreachable', `${socket} is too long a name for a socket`, {
      hint: 'Choose a shorter directory for Liftlock with LIFTLOCK_HOME, or traffic: edge.',
    });
  let started = false;
  for (const begin = parts.clock.now(); ; await parts.clock.sleep(lookMs)) {
    const master = await askMaster(socket).catch(() => undefined);
    if (master !== undefined && serving(master) !== undefined) return master;
    if (!started) await start(parts);
    started = true;
    if (parts.clock.now() - begin > startPatienceMs) throw unreachable(await lastWords(parts));
  }
}

/** No process of it lives: its keeper waits before the next start, or was never told to begin. */
export async function isAway({ processes }: RunningParts): Promise<boolean> {
  const runs = await processes.list(keyPrefix);
  return runs.every(({ state }) => state.state !== 'running' || state.down);
}

export function serving({ workers }: Master): Worker | undefined {
  return workers.find(({ leaving }) => !leaving);
}

/** The structure that a worker was started with. */
export async function structureIn(parts: RunningParts, worker: Worker): Promise<string | undefined> {
  return structureOfInfo(await tellWorker(socketOf(parts), worker, ['show info']));
}

/**
 * A new worker takes the open addresses over and the old one answers what it has. Resolves when the new one serves.
 * @throws Failure `traffic/refused` when the configuration was not taken; the old worker serves on.
 */
export async function reloadAs(parts: RunningParts, structure: string): Promise<void> {
  const socket = socketOf(parts);
  const before = await askMaster(socket);
  await reload(socket).catch(() => undefined);
  for (const begin = parts.clock.now(); ; await parts.clock.sleep(lookMs)) {
    const master = await askMaster(socket).catch(() => undefined);
    const worker = master && serving(master);
    if (master !== undefined && master.failedReloads > before.failedReloads)
      throw new Failure('traffic/refused', `HAProxy did not take its configuration: ${await lastWords(parts)}`, {
        hint: 'What it led before goes on.',
      });
    if (master !== undefined && worker !== undefined) {
      const seen = await structureIn(parts, worker).catch(() => undefined);
      if (seen === structure) return;
    }
    if (parts.clock.now() - begin > reloadPatienceMs) throw unreachable(await lastWords(parts));
  }
}

async function start({ processes, directory, searchPath }: RunningParts): Promise<void> {
  await startUnlessRunning(processes, keyPrefix, async () => ({
    command: `exec ${commandLine([await programIn(searchPath)])} -W -S unix@master.sock,mode,600 -f ${configurationFile}`,
    directory,
    environment: {},
    lifetime: urgent,
  }));
}

async function programIn(searchPath: string): Promise<string> {
  const program = findProgram('haproxy', searchPath);
  if (program !== undefined) return supported(program);
  throw new Failure('traffic/unreachable', 'haproxy is not installed', {
    hint: 'Install it (Debian, Ubuntu: apt-get install haproxy), or choose traffic: edge.',
  });
}

const oldest = [2, 6] as const;

async function supported(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['-v'], { timeout: startPatienceMs });
  const [major = 0, minor = 0] = (/version (\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return program;
  throw new Failure(
    'traffic/unreachable',
    `${program} is version ${major}.${minor}; ${oldest.join('.')} is the oldest that works`,
    {
      hint: 'Install a newer HAProxy, or choose traffic: edge.',
    },
  );
}

async function lastWords({ processes }: RunningParts): Promise<string> {
  const [run] = await processes.list(keyPrefix);
  const text = run === undefined ? '' : await processes.tail(run.key, 2_000);
  const alerts = text.split('\n').filter((line) => line.includes('[ALERT]'));
  return alerts.slice(-2).join('; ') || 'it did not answer in time';
}
