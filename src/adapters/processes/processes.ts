import { readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { setImmediate as breathe, setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../domain/base/failure.ts';
import type { CommandSpec, Processes, RunState, Usage } from '../../ports/processes.ts';
import { removeControlGroup } from './control-group.ts';
import { rememberForgotten } from './forgotten.ts';
import { groupLives } from './group.ts';
import { directoryName, keyOf } from './key.ts';
import { lockHolder } from './lock.ts';
import { tailOf } from './log-tail.ts';
import { files, readRecord } from './record.ts';
import type { StoredState } from './record.ts';
import { readRun } from './run-state.ts';
import { spawnKeeper } from './spawn-keeper.ts';
import { stopRun } from './stop.ts';
import { usageOfGroup } from './usage.ts';

export interface ProcessesOptions {
  /** Holds one directory for each run, on a local file system of this machine. Made when absent. */
  readonly directory: string;
  /** The Node.js that runs the keepers. */
  readonly nodePath: string;
}

/**
 * Runs commands under keepers. Everything it knows is on disk, so any number of these, in any number of
 * processes of one user, may share a directory. There is no clock: processes live in real time.
 *
 * Limits: a process that leaves the group of its command (a daemon) is neither counted, nor stopped, nor
 * heard after the command ended. Keepers live in the control group of their starter, so a systemd unit
 * of the control plane needs `KillMode=process`, or its restart ends every run.
 */
export function createProcesses({ directory, nodePath }: ProcessesOptions): Processes {
  const place = (key: string) => join(resolve(directory), directoryName(key));
  return {
    start: async (spec) => start(place(spec.key), spec, nodePath),
    inspect: async (key) => readRun(place(key)),
    wait: async (key, signal) => wait(place(key), signal),
    stop: async (key, graceMs) => {
      await undecidedIsOver(place(key));
      return await stopRun(place(key), graceMs);
    },
    tail: async (key, bytes) => tailOf(files.log(place(key)), bytes),
    usage: async (key) => usage(place(key)),
    list: (prefix) => list(resolve(directory), prefix),
    forget: async (key) => forget(place(key), key),
  };
}

async function start(run: string, spec: CommandSpec, nodePath: string): Promise<RunState> {
  check(spec);
  for (;;) {
    const found = readRun(run);
    if (found.state !== 'absent') return found;
    const refusal = await letOneKeeperStart(run, spec, nodePath);
    const state = readRun(run);
    if (state.state !== 'absent') return state;
    if (lockHolder(run) === undefined) throw refused(spec, refusal ?? 'its keeper ended without a word');
  }
}

/** Our own keeper, unless one is at it already. Several callers may get here at once; the lock lets one keeper through. */
async function letOneKeeperStart(run: string, spec: CommandSpec, nodePath: string): Promise<string | undefined> {
  try {
    if (lockHolder(run) === undefined) return await spawnKeeper(run, spec, nodePath);
  } catch (error) {
    return (error as Error).message;
  }
  return await undecidedIsOver(run);
}

/** Waits for a keeper that holds the lock but has not yet said whether it started the command: a matter of milliseconds. */
async function undecidedIsOver(run: string): Promise<undefined> {
  while (readRun(run).state === 'absent' && lockHolder(run) !== undefined) await delay(5);
}

/** Looks again after a tenth of the time the run has taken so far, at least every half second. */
async function wait(run: string, signal: AbortSignal | undefined): Promise<RunState> {
  await undecidedIsOver(run);
  const begin = performance.now();
  for (;;) {
    const state = readRun(run);
    if (state.state !== 'running' || signal?.aborted === true) return state;
    const pause = Math.min(500, Math.max(5, (performance.now() - begin) / 10));
    await delay(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

async function usage(run: string): Promise<Usage | undefined> {
  const command = readRecord<StoredState>(files.state(run))?.command;
  return command !== undefined && groupLives(command) ? await usageOfGroup(command.pid) : undefined;
}

async function list(directory: string, prefix: string): Promise<readonly { key: string; state: RunState }[]> {
  const found: { key: string; state: RunState }[] = [];
  for (const name of namesIn(directory)) {
    const key = keyOf(name);
    if (key === undefined || !key.startsWith(prefix)) continue;
    const state = readRun(join(directory, name));
    if (state.state !== 'absent') found.push({ key, state });
    // Thousands of old runs must not hold up everything else.
    await breathe();
  }
  return found;
}

/** First remembered as forgotten, so that its key is never free again; then gone in one step; removing its files may then be cut short and is finished by the next call. */
async function forget(run: string, key: string): Promise<void> {
  const last = readRun(run);
  if (last.state === 'running' || (last.state === 'absent' && lockHolder(run) !== undefined)) {
    throw new Failure('process/refused', `${key} is running and cannot be forgotten`, { hint: 'Stop it first.' });
  }
  // A keeper that has written the end needs another moment to leave.
  while (lockHolder(run) !== undefined) await delay(5);
  // Its keeper does so, unless it was killed.
  removeControlGroup(run);
  const directory = resolve(run, '..');
  if (last.state !== 'absent') rememberForgotten(run, last);
  try {
    renameSync(run, join(directory, `${forgottenMark}${crypto.randomUUID()}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const forgotten = namesIn(directory).filter((name) => name.startsWith(forgottenMark));
  await Promise.all(
    forgotten.map((name) => rm(join(directory, name), { recursive: true, force: true, maxRetries: 3 })),
  );
}

const forgottenMark = '#';

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function check({ key, directory, command, lifetime }: CommandSpec): void {
  const { kind: _, ...limits } = lifetime;
  const wrong = Object.entries(limits).find(([, value]) => !Number.isFinite(value) || value < 0);
  if (wrong !== undefined) throw new Failure('input/invalid', `${key}: ${wrong[0]} is ${wrong[1]}, which is no limit`);
  if (!isAbsolute(directory))
    throw new Failure('input/invalid', `${key}: the directory "${directory}" is not an absolute path`);
  if (command.includes('\0')) throw new Failure('input/invalid', `${key}: the command holds a NUL character`);
}

function refused({ key, directory }: CommandSpec, reason: string): Failure {
  return new Failure('process/refused', `${key} could not be started in ${directory}: ${reason}`, {
    hint: 'Nothing was started. Check free disk space, memory and the process limit of this machine, then try again.',
  });
}
