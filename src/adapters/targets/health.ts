import type { Clock } from '../../ports/clock.ts';
import type { Probe, ProbeAnswer } from '../../ports/probe.ts';

export interface Patience {
  readonly deadlineMs: number;
  /** Of one attempt. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Asked before each attempt; an answer ends the waiting with it. */
  readonly giveUp?: () => Promise<string | undefined>;
}

export type Health = { readonly healthy: true } | { readonly healthy: false; readonly because: string };

const firstPauseMs = 50;
const longestPauseMs = 250;

/**
 * Asks until the address answers 200 to 399, the deadline has passed or the signal aborts. At least one attempt is made,
 * so that somebody who comes back late learns how things are now.
 */
export async function waitUntilHealthy(
  { probe, clock }: { probe: Probe; clock: Clock },
  url: string,
  patience: Patience,
): Promise<Health> {
  const { deadlineMs, timeoutMs, signal, giveUp } = patience;
  const begin = clock.now();
  for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 1.25)) {
    const hopeless = await giveUp?.();
    if (hopeless !== undefined) return { healthy: false, because: hopeless };
    const left = Math.max(firstPauseMs, deadlineMs - (clock.now() - begin));
    const answer = await probe.http(url, { timeoutMs: Math.min(timeoutMs, left), signal });
    if (isHealthy(answer)) return { healthy: true };
    const late = clock.now() - begin + pause >= deadlineMs;
    if (late || signal.aborted)
      return { healthy: false, because: `${url} was not healthy within ${deadlineMs / 1_000} s: ${inWords(answer)}` };
    await clock.sleep(pause, signal);
  }
}

export function isHealthy(answer: ProbeAnswer): boolean {
  return answer.reached && answer.status >= 200 && answer.status <= 399;
}

export function inWords(answer: ProbeAnswer): string {
  return answer.reached ? `it answered ${answer.status}` : answer.reason;
}
