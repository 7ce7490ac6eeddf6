import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { identify, lives } from './identity.ts';
import type { Identity } from './identity.ts';
import { createRecord, files, readRecord } from './record.ts';

/**
 * Makes the calling process the one keeper of a run, or answers false because another one lives or the
 * run was started before.
 *
 * Each attempt is an epoch, a file `keeper.<n>` that appears with its content in one step and is never
 * removed. Epoch n + 1 is open only when the holder of n is dead and left no state, which a dead
 * process cannot change any more: so of all keepers that ever try, one starts the command.
 */
export function takeLock(run: string): boolean {
  const own = identify(process.pid);
  if (own === undefined) throw new Error(`process ${process.pid} cannot see its own start time`);
  for (;;) {
    const epoch = lastEpoch(run);
    const holder = holderOf(run, epoch);
    if (holder !== undefined && lives(holder)) return false;
    if (readRecord(files.state(run)) !== undefined) return false;
    if (createRecord(join(run, `keeper.${epoch + 1}`), own)) return true;
  }
}

/** The living keeper of a run, if there is one. */
export function lockHolder(run: string): Identity | undefined {
  const holder = holderOf(run, lastEpoch(run));
  return holder !== undefined && lives(holder) ? holder : undefined;
}

function lastEpoch(run: string): number {
  const epochs = namesIn(run).map((name) => Number(/^keeper\.(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...epochs);
}

function holderOf(run: string, epoch: number): Identity | undefined {
  return epoch === 0 ? undefined : readRecord<Identity>(join(run, `keeper.${epoch}`));
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
