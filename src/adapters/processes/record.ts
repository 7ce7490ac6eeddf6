import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Identity } from './identity.ts';

/**
 * What a run leaves on disk. Only `state.json` says that it was started; it is on disk, synced,
 * before the command runs its first instruction, so a key whose state is absent never ran.
 */
export interface StoredState {
  readonly kind: 'task' | 'service';
  readonly startedAt: number;
  readonly keeper: Identity;
  /** Absent while a service waits for its next restart. */
  readonly command?: Identity;
  readonly restarts: number;
  /** When the service ended by itself (epoch ms): the last few times. */
  readonly deaths?: readonly number[];
  /** Why it ended the last time, where that is known. */
  readonly lastDeath?: 'memory';
  readonly note?: string;
  /** Output that could not be written to the log, because the disk was full or the log not writable. */
  readonly droppedBytes: number;
}

export type EndCause = 'exited' | 'timeout' | 'output-limit' | 'stopped' | 'not-started';

export interface StoredExit {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly cause: EndCause;
  readonly droppedBytes: number;
}

export interface StopOrder {
  readonly graceMs: number;
}

export const files = {
  state: (run: string) => join(run, 'state.json'),
  exit: (run: string) => join(run, 'exit.json'),
  /** Space set aside at the start, so that the end can be written on a full disk. */
  exitReserve: (run: string) => join(run, 'exit.json.reserve'),
  stop: (run: string) => join(run, 'stop.json'),
  log: (run: string) => join(run, 'log'),
  keeperErrors: (run: string) => join(run, 'keeper.err'),
} as const;

/** `undefined` when there is no such file. @throws SyntaxError when it does not hold JSON. */
export function readRecord<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces the file as a whole; on disk when this returns. */
export function writeRecord(path: string, record: object): void {
  const draft = writeDraft(path, JSON.stringify(record));
  renameSync(draft, path);
  syncDirectory(dirname(path));
}

/** False, and nothing changed, when the file was there already. */
export function createRecord(path: string, record: object): boolean {
  const draft = writeDraft(path, JSON.stringify(record));
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectory(dirname(path));
  return true;
}

/** 1 KiB of spaces, which JSON does not mind after the record that overwrites them. */
export function reserveExit(run: string): void {
  writeSynced(files.exitReserve(run), 'w', ' '.repeat(1024));
}

/** Writes into the reserved space, then gives it its name. */
export function writeExit(run: string, exit: StoredExit): void {
  writeSynced(files.exitReserve(run), 'r+', JSON.stringify(exit));
  renameSync(files.exitReserve(run), files.exit(run));
  syncDirectory(run);
}

export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeDraft(path: string, text: string): string {
  const draft = `${path}.${process.pid}.draft`;
  try {
    writeSynced(draft, 'w', text);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  return draft;
}

function writeSynced(path: string, flags: string, text: string): void {
  const descriptor = openSync(path, flags, 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
