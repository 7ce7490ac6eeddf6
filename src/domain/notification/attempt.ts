/** What comes of an attempt to deliver: nothing is given up before its time, and nothing is tried for ever. */
import { plus, type Duration, type Instant } from '../base/time.ts';

/** About twenty hours with the pauses below. */
export const mostAttempts = 10;

const firstPause = 5_000;
const longestPause = 6 * 3_600_000;
/** What a receiver asks for is heeded up to here. */
const longestAsked = 3_600_000;

export type AttemptOutcome =
  | { readonly outcome: 'delivered'; readonly status?: number }
  /** It may work later. */
  | { readonly outcome: 'failed'; readonly because: string; readonly status?: number; readonly after?: Duration }
  /** It will not work later unless somebody changes something. */
  | { readonly outcome: 'refused'; readonly because: string; readonly status?: number }
  /** The receiver wants nothing any more. */
  | { readonly outcome: 'gone'; readonly because: string; readonly status?: number };

export type Consequence =
  | { readonly state: 'delivered' }
  | { readonly state: 'waiting'; readonly dueAt: Instant }
  | { readonly state: 'dead'; readonly because: string };

/** `attempts` counts this one; `chance` is in [0, 1). */
export function consequenceOf(
  result: AttemptOutcome,
  { attempts, at, chance }: { attempts: number; at: Instant; chance: number },
): Consequence {
  switch (result.outcome) {
    case 'delivered':
      return { state: 'delivered' };
    case 'refused':
    case 'gone':
      return { state: 'dead', because: result.because };
    case 'failed': {
      if (attempts >= mostAttempts) return { state: 'dead', because: `${result.because} (${attempts} attempts)` };
      const asked = Math.min(result.after ?? 0, longestAsked);
      return { state: 'waiting', dueAt: plus(at, Math.max(asked, pauseAfter(attempts, chance)) as Duration) };
    }
  }
}

/** Four times the one before, and up to a fifth more or less, so that receivers that were away are not met by all at once. */
export function pauseAfter(attempts: number, chance: number): Duration {
  const pause = Math.min(longestPause, firstPause * 4 ** Math.min(attempts - 1, 20));
  return Math.round(pause * (0.8 + 0.4 * chance)) as Duration;
}

/** What the status of an HTTP answer means. A redirect is not followed: somebody has to write down the new address. */
export function judgeStatus(status: number, retryAfter: string | undefined): AttemptOutcome {
  if (status >= 200 && status <= 299) return { outcome: 'delivered', status };
  const because = `answered with status ${status}`;
  if (status === 410) return { outcome: 'gone', because, status };
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  return {
    outcome: 'failed',
    because: status >= 300 && status <= 399 ? `${because}, and redirects are not followed` : because,
    status,
    ...(seconds === undefined ? {} : { after: (seconds * 1_000) as Duration }),
  };
}
