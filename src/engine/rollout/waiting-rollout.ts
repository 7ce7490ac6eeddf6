/** How a rollout waits: in nobody's hands, with a time at which it is looked at again. */
import type { LeaseId, PromotionId } from '../../domain/base/id.ts';
import { plus, type Duration, type Instant } from '../../domain/base/time.ts';
import type { Lease } from '../../domain/promotion/facts.ts';
import type { RolloutDecision } from '../../domain/rollout/decide.ts';
import { isExposed, type Rollout } from '../../domain/rollout/rollout.ts';
import type { RolloutWaiting } from '../../ports/rollouts.ts';

type Waits = Extract<RolloutDecision, { do: 'wait' }>;

/** While users are on the new release, what it does to them is looked at often. */
const exposedEvery = 1_000 as Duration;
const otherwiseEvery = 5_000 as Duration;

export function nextLook(rollout: Rollout, { until }: Waits, now: Instant): Instant {
  const next = plus(now, isExposed(rollout) ? exposedEvery : otherwiseEvery);
  return until === undefined ? next : (Math.min(next, until) as Instant);
}

/** R42: since when it waits for the same thing. */
export function waitingFor(
  { for: what, because, until }: Waits,
  { before, at }: { before: RolloutWaiting | undefined; at: Instant },
): RolloutWaiting {
  const same = before?.for === what && before.because === because;
  return { for: what, because, since: same ? before.since : at, until };
}

const forEver = (3_650 * 86_400_000) as Duration;

/** Keeps the environment for the promotion while nobody works on it: a rollout that waits is not one that was lost. */
export function nobodysLease(id: LeaseId, promotion: PromotionId, now: Instant): Lease {
  return { id, promotion, holder: undefined, expiresAt: plus(now, forEver) };
}

/** Numbers of jobs that follow from a look: no attempt after a lost worker has one of them. */
export function lookAttempt(looks: number): number {
  return 1_000_000_000 + looks;
}
