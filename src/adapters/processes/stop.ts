import { setTimeout as delay } from 'node:timers/promises';
import type { RunState } from '../../ports/processes.ts';
import { groupLives, signalGroup } from './group.ts';
import { lives } from './identity.ts';
import type { Identity } from './identity.ts';
import { createRecord, files, readRecord, writeRecord } from './record.ts';
import type { StopOrder, StoredExit, StoredState } from './record.ts';
import { readRun } from './run-state.ts';

/** What the keeper is given beyond the grace to end the command and say so, before we do it ourselves. */
const keeperMarginMs = 15_000;

/**
 * Asks the keeper to end its command. Without a keeper, or with one that does not react, ends the
 * group itself and records that in the keeper's place.
 */
export async function stopRun(run: string, graceMs: number): Promise<RunState> {
  const state = readRecord<StoredState>(files.state(run));
  if (readRun(run).state !== 'running' || state === undefined) return readRun(run);
  orderGrace(run, graceMs);
  if (signalIfAlive(state.keeper, 'SIGTERM')) {
    await keeperIsDone(run, state.keeper, graceMs + keeperMarginMs);
    if (readRun(run).state === 'exited') return readRun(run);
    while (signalIfAlive(state.keeper, 'SIGKILL')) await delay(10);
  }
  // Read again: a service may have been restarted since, and now nobody restarts it any more.
  const last = readRecord<StoredState>(files.state(run)) ?? state;
  const signal = last.command === undefined ? null : await endGroup(last.command, graceMs);
  recordStop(run, last, signal);
  return readRun(run);
}

function orderGrace(run: string, graceMs: number): void {
  const order: StopOrder = { graceMs };
  try {
    writeRecord(files.stop(run), order);
  } catch {
    // On a full disk the keeper takes its usual grace.
  }
}

function signalIfAlive(identity: Identity, signal: NodeJS.Signals): boolean {
  if (!lives(identity)) return false;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  return true;
}

/** It has recorded the end, or is dead, or its time is up. */
async function keeperIsDone(run: string, keeper: Identity, milliseconds: number): Promise<void> {
  const deadline = performance.now() + milliseconds;
  for (let pause = 5; performance.now() < deadline && lives(keeper); pause = Math.min(100, pause * 2)) {
    if (readRun(run).state === 'exited') return;
    await delay(pause);
  }
}

/** Answers the last signal that was needed; none when the group was gone already. */
async function endGroup(command: Identity, graceMs: number): Promise<NodeJS.Signals | null> {
  if (!groupLives(command)) return null;
  const deadline = performance.now() + graceMs;
  let signal: NodeJS.Signals = 'SIGTERM';
  signalGroup(command, signal);
  for (let pause = 2; groupLives(command); pause = Math.min(100, pause * 2)) {
    if (performance.now() >= deadline) signalGroup(command, (signal = 'SIGKILL'));
    await delay(pause);
  }
  return signal;
}

function recordStop(run: string, { startedAt, droppedBytes }: StoredState, signal: NodeJS.Signals | null): void {
  const exit: StoredExit = { startedAt, endedAt: Date.now(), exitCode: null, signal, cause: 'stopped', droppedBytes };
  try {
    createRecord(files.exit(run), exit);
  } catch {
    // It is ended; that we ended it is not on record, so it will be called lost.
  }
}
