import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RunState } from '../../ports/processes.ts';
import { readRecord, syncDirectory, writeRecord } from './record.ts';

/** Begins with a letter that no run does. */
const folder = '~forgotten';
/** Whoever slept for longer than two months does not wake up to start something. */
const monthsKept = 3;

/**
 * Remembers of a forgotten run that it was, in a file of a hundred bytes: a worker that was frozen before the run began may
 * ask for it after it was forgotten, and would start it a second time. One folder for each month, so that they go together.
 */
export function rememberForgotten(run: string, state: RunState): void {
  const [month] = recentMonths();
  const place = join(dirname(run), folder, month!);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  writeRecord(join(place, basename(run)), state);
  syncDirectory(dirname(place));
  for (const old of readdirSync(dirname(place)).filter((name) => !recentMonths().includes(name)))
    rmSync(join(dirname(place), old), { recursive: true, force: true });
}

/** How a run stood when it was forgotten; `undefined` when nothing of that name ever was. */
export function readForgotten(run: string): RunState | undefined {
  for (const month of recentMonths()) {
    const state = readRecord<RunState>(join(dirname(run), folder, month, basename(run)));
    if (state !== undefined) return state;
  }
  return undefined;
}

/** `2026-03`, this month first. */
function recentMonths(): readonly string[] {
  const now = new Date();
  return Array.from({ length: monthsKept }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back)).toISOString().slice(0, 7),
  );
}
