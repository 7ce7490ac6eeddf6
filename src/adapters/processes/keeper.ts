/**
 * The program that stays with one command: `node keeper.ts <run directory>`, its order on standard input.
 * It outlives whoever started it and imports nothing but Node and its neighbours, to start fast and stay small.
 */
import { closeSync, existsSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { dirname } from 'node:path';
import type { ServiceLifetime, TaskLifetime } from '../../ports/processes.ts';
import { confine } from './confine.ts';
import type { Confinement } from './confine.ts';
import { readForgotten } from './forgotten.ts';
import { openHalt } from './halt.ts';
import type { Halt } from './halt.ts';
import { createHider } from './hider.ts';
import { identify } from './identity.ts';
import type { Identity } from './identity.ts';
import { launch } from './launch.ts';
import type { Ending, Launched } from './launch.ts';
import { takeLock } from './lock.ts';
import { openLog } from './log-writer.ts';
import type { LogWriter } from './log-writer.ts';
import { longestTimerMs, reportDescriptor, usualGraceMs } from './order.ts';
import type { Order } from './order.ts';
import { files, readRecord, reserveExit, syncDirectory, writeExit, writeRecord } from './record.ts';
import type { EndCause, StopOrder, StoredExit, StoredState } from './record.ts';
import { supervise } from './supervise.ts';

/** A service that ran this long is healthy again: the pauses before its restarts begin anew. */
const steadyMs = 60_000;
/** Enough to tell a service that died once from one that keeps dying. */
const deathsKept = 20;

interface Keeping {
  readonly run: string;
  readonly order: Order;
  readonly self: Identity;
  readonly startedAt: number;
  readonly log: LogWriter;
  readonly halt: Halt;
  readonly confinement: Confinement;
  /** When the service ended by itself: the last few times. */
  readonly deaths: number[];
  lastDeath?: StoredState['lastDeath'] | undefined;
}

type End = Ending & { readonly cause: EndCause };

async function main(run: string): Promise<void> {
  closeInherited();
  const order = readOrder();
  if (!takeLock(run) || readForgotten(run) !== undefined) return;
  const keeping = prepare(run, order);
  const first = await begin(keeping).catch((error: unknown) => {
    keeping.confinement.end();
    throw error;
  });
  const end = first === 'not-started' ? notStarted : attend(keeping, first);
  closeSync(reportDescriptor);
  const ended = await end;
  keeping.confinement.end();
  await recordEnd(keeping, ended);
}

/**
 * Closes what some ancestor let slip through to us, e.g. the lock file of the script that started the
 * control plane. It is told by its missing close-on-exec mark, which all descriptors of Node bear, and
 * those below 16 that our starter inherited. (On macOS nothing slips through.)
 */
function closeInherited(): void {
  if (process.platform !== 'linux') return;
  const closeOnExec = 0o2000000;
  const flagsOf = (descriptor: number) =>
    /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
  for (const descriptor of readdirSync('/proc/self/fdinfo').map(Number)) {
    if (descriptor <= reportDescriptor || !existsSync(`/proc/self/fdinfo/${descriptor}`)) continue;
    if ((parseInt(flagsOf(descriptor) ?? '', 8) & closeOnExec) === 0) closeSync(descriptor);
  }
}

/** Reads to the end: when our starter dies half-way, the JSON is torn and nothing is started. */
function readOrder(): Order {
  const order = JSON.parse(readFileSync(0, 'utf8')) as Order;
  // Descriptor 0 must never be free: libuv aborts when it is handed out for anything else.
  closeSync(0);
  openSync('/dev/null', 'r');
  return order;
}

function prepare(run: string, order: Order): Keeping {
  const self = identify(process.pid);
  if (self === undefined) throw new Error('the keeper cannot see its own start time');
  const { lifetime } = order;
  const limits =
    lifetime.kind === 'task'
      ? { fileBytes: Infinity, files: 1 }
      : { fileBytes: lifetime.logFileBytes, files: lifetime.logFiles };
  const halt = openHalt();
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', () => halt.request('stopped', orderedGraceMs(run)));
  const log = openLog(files.log(run), limits);
  const confinement = confine(run, order.resources ?? {}, log.note);
  return { run, order, self, startedAt: Date.now(), log, halt, confinement, deaths: [] };
}

/**
 * From here on the key counts as started: its state is on disk, the directory entry of the run included.
 * @throws when the machine cannot start anything now; then the key stays free.
 */
async function begin(keeping: Keeping): Promise<Launched | 'not-started'> {
  const { run, order, log } = keeping;
  reserveExit(run);
  syncDirectory(dirname(run));
  try {
    const command = await launch(order, run);
    keeping.confinement.join(command.identity.pid);
    saveState(keeping, { command: command.identity });
    return command;
  } catch (error) {
    if (isOfTheMachine(error)) throw error;
    log.note(`the command could not be started in ${order.directory}: ${(error as Error).message}`);
    saveState(keeping, {});
    return 'not-started';
  }
}

const notStarted: End = { exitCode: null, signal: null, cause: 'not-started' };

/** The command has its permission to run when this returns its promise. */
function attend(keeping: Keeping, first: Launched): Promise<End> {
  const { lifetime } = keeping.order;
  return lifetime.kind === 'task' ? runTask(keeping, lifetime, first) : runService(keeping, lifetime, first);
}

async function runTask(keeping: Keeping, lifetime: TaskLifetime, command: Launched): Promise<End> {
  const { halt, log } = keeping;
  const noted = noteDrops(keeping, { command: command.identity });
  const hider = createHider(keeping.order.hide ?? []);
  let room = lifetime.outputLimitBytes;
  const timer = new AbortController();
  void afterLong(lifetime.timeoutMs, timer.signal, () => halt.request('timeout', usualGraceMs));
  const { haltedBy, ...ending } = await supervise(command, halt, (output) => {
    log.write(hider.push(output.subarray(0, room)));
    if (output.length > room) halt.request('output-limit', usualGraceMs);
    room = Math.max(0, room - output.length);
    noted();
  });
  log.write(hider.end());
  timer.abort();
  // Too much output is told from what was read, even when the command ended before it could be killed for it.
  const cause = halt.cause() === 'output-limit' ? 'output-limit' : (haltedBy ?? 'exited');
  return { ...ending, cause };
}

async function runService(keeping: Keeping, lifetime: ServiceLifetime, first: Launched): Promise<End> {
  let command = first;
  let pauseMs = lifetime.restartMinMs;
  for (let restarts = 0; ;) {
    const since = performance.now();
    const noted = noteDrops(keeping, { command: command.identity, restarts });
    const hider = createHider(keeping.order.hide ?? []);
    const { haltedBy: _, ...ending } = await supervise(command, keeping.halt, (output) => {
      keeping.log.write(hider.push(output));
      noted();
    });
    keeping.log.write(hider.end());
    keeping.deaths.push(Date.now());
    keeping.deaths.splice(0, keeping.deaths.length - deathsKept);
    if (performance.now() - since >= steadyMs) pauseMs = lifetime.restartMinMs;
    keeping.lastDeath = keeping.confinement.wasForMemory(ending) ? 'memory' : undefined;
    trySaveState(keeping, { restarts });
    let next: Launched | undefined;
    while (next === undefined && keeping.halt.cause() === undefined) {
      await Promise.race([delay(Math.min(pauseMs, longestTimerMs)), keeping.halt.requested]);
      pauseMs = Math.min(pauseMs * 2, lifetime.restartMaxMs);
      if (keeping.halt.cause() === undefined) next = await relaunch(keeping, restarts + 1);
    }
    if (next === undefined) return { ...ending, cause: 'stopped' };
    command = next;
    restarts += 1;
  }
}

/** `undefined` when it could not be started this time; the reason is in the log. */
async function relaunch(keeping: Keeping, restarts: number): Promise<Launched | undefined> {
  let command: Launched | undefined;
  try {
    command = await launch(keeping.order, keeping.run);
    keeping.confinement.join(command.identity.pid);
    saveState(keeping, { command: command.identity, restarts });
    return command;
  } catch (error) {
    keeping.log.note(`the command could not be restarted: ${(error as Error).message}`);
    // It still waits behind its gate, and what is not on record must not run.
    if (command !== undefined) process.kill(command.identity.pid, 'SIGKILL');
    command?.output.destroy();
    return undefined;
  }
}

type Progress = Partial<Pick<StoredState, 'command' | 'restarts'>>;

function saveState(keeping: Keeping, progress: Progress): void {
  const { startedAt, self, log, run, order, deaths, lastDeath } = keeping;
  const { note } = order;
  const state: StoredState = {
    kind: order.lifetime.kind,
    startedAt,
    keeper: self,
    restarts: 0,
    deaths,
    ...(lastDeath === undefined ? {} : { lastDeath }),
    ...(note === undefined ? {} : { note }),
    ...progress,
    droppedBytes: log.dropped(),
  };
  writeRecord(files.state(run), state);
}

function trySaveState(keeping: Keeping, progress: Progress): void {
  try {
    saveState(keeping, progress);
  } catch {
    // Only counters and the word "down" are late; the next change writes them again.
  }
}

/** Stores the count of dropped bytes after it changed, at most once a second. */
function noteDrops(keeping: Keeping, progress: Progress): () => void {
  let stored = 0;
  let at = -Infinity;
  return () => {
    if (keeping.log.dropped() === stored || performance.now() - at < 1_000) return;
    stored = keeping.log.dropped();
    at = performance.now();
    trySaveState(keeping, progress);
  };
}

/** Tries until the disk takes it, for until then nobody knows how the run ended; gives up when the run's directory is gone. */
async function recordEnd(keeping: Keeping, end: End): Promise<void> {
  const { run, startedAt, log } = keeping;
  const exit: StoredExit = { startedAt, endedAt: Date.now(), ...end, droppedBytes: log.dropped() };
  while (existsSync(run)) {
    try {
      return writeExit(run, exit);
    } catch {
      await delay(1_000);
    }
  }
}

function orderedGraceMs(run: string): number {
  try {
    return readRecord<StopOrder>(files.stop(run))?.graceMs ?? usualGraceMs;
  } catch {
    return usualGraceMs;
  }
}

/** Out of processes, memory, descriptors or disk: it may work later. Everything else is the command's own fault. */
function isOfTheMachine(error: unknown): boolean {
  const codes = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO'];
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

async function afterLong(milliseconds: number, signal: AbortSignal, act: () => void): Promise<void> {
  try {
    for (let rest = milliseconds; rest > 0; rest -= longestTimerMs) {
      await delay(Math.min(rest, longestTimerMs), undefined, { signal });
    }
    act();
  } catch {
    // The command ended in time.
  }
}

function report(error: unknown): void {
  try {
    writeSync(reportDescriptor, (error as Error).message);
  } catch {
    // Whoever asked is gone, or was already told that the command runs.
  }
}

try {
  await main(process.argv[2] ?? '');
  process.exit(0);
} catch (error) {
  report(error);
  throw error;
}
