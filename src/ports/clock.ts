import type { Instant } from '../domain/base/time.ts';

/** Time, as the world tells it. Tests turn the hands themselves. */
export interface Clock {
  now(): Instant;
  /** Resolves after `milliseconds`, or at once when `signal` aborts (it does not reject). */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
