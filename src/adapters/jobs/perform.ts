/** Runs one job to its end, through outages, and says how it ended. */
import { setTimeout as wait } from 'node:timers/promises';
import { asFailure, failureCatalog, type Failure } from '../../domain/base/failure.ts';
import type { Job } from '../../ports/jobs.ts';
import type { Log } from '../../ports/log.ts';

export type Handler = (job: Job, signal: AbortSignal) => Promise<void>;

/** `interrupted`: the handler was told to stop before it had done its work; somebody else has to do it. */
export type Ending = 'done' | 'gave-up' | 'interrupted';

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Failures that may pass are tried again for as long as this process works. Anything else is a defect, told once; the
 * sweep of the engine finds what it left behind (R15, R39).
 */
export async function perform(job: Job, by: { handle: Handler; signal: AbortSignal; log: Log }): Promise<Ending> {
  const { handle, signal, log } = by;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    if (signal.aborted) return 'interrupted';
    const failure = await attempt(() => handle(job, signal));
    if (failure === undefined) return 'done';
    if (signal.aborted) return 'interrupted';
    if (!failureCatalog[failure.code].retry) {
      log.error('a job failed', { job, code: failure.code, error: failure.message, stack: stackOf(failure) });
      return 'gave-up';
    }
    log.warn('a job failed and is tried again', { job, code: failure.code, error: failure.message, pause });
    await wait(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function attempt(work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return asFailure(error);
  }
}

function stackOf(failure: Failure): string | undefined {
  return failure.cause instanceof Error ? failure.cause.stack : failure.stack;
}
