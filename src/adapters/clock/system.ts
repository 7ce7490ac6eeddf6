import { instant } from '../../domain/base/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** Node counts a timer in 32 bits and fires longer ones at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The clock of this machine. */
export function createClock(): Clock {
  return { now: () => instant(Date.now()), sleep };
}

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  for (let rest = milliseconds; rest > 0; rest -= longestTimerMs) {
    if (signal?.aborted === true) return;
    await pause(Math.min(rest, longestTimerMs), signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    }
  });
}
