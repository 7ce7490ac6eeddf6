/** A named question that must be answered *open* before a promotion may deploy (R17). */
import type { Digest } from '../base/digest.ts';
import type { BreakGlassId, PromotionId } from '../base/id.ts';
import type { Duration, Instant } from '../base/time.ts';
import type { EnvironmentFacts, ReleaseFacts } from '../promotion/facts.ts';
import type { Lookup } from '../promotion/proof.ts';
import type { Origin, PromotionKind } from '../promotion/promotion.ts';

export interface Gate {
  readonly name: string;
  /** R18: people are asked only when every automatic gate is open. */
  readonly asks: 'facts' | 'people';
  /** `undefined` when the gate does not apply to this promotion. */
  readonly answer: (question: Question) => Answer | undefined;
}

export interface Question {
  readonly facts: EnvironmentFacts;
  /** Absent while it is only a wish. */
  readonly promotion?: PromotionId;
  readonly release: ReleaseFacts;
  readonly kind: PromotionKind;
  readonly origin: Origin;
  readonly planHash: Digest;
}

/** What a waiting promotion waits for; decides who is told and when it is looked at again. */
export type WaitsFor = 'time' | 'person' | 'upstream' | 'turn' | 'lookup';

export type Answer =
  /** `breakGlass`: it is not, but two people passed it (R25). */
  | { readonly answer: 'open'; readonly because: string; readonly breakGlass?: BreakGlassId }
  | {
      readonly answer: 'waiting';
      readonly because: string;
      readonly waitsFor: WaitsFor;
      /** What would open it, for a person to read. */
      readonly unblock: string;
      readonly askAgainAt?: Instant;
      /** What the engine has to ask outside before the answer can be another one. */
      readonly lookups?: readonly Lookup[];
    }
  /** Will not open for this promotion any more. */
  | { readonly answer: 'closed'; readonly because: string; readonly unblock: string };

export type NamedAnswer = Answer & { readonly gate: string };

export function open(because: string): Answer {
  return { answer: 'open', because };
}

export function closed(because: string, unblock: string): Answer {
  return { answer: 'closed', because, unblock };
}

export type Waiting = Answer & { readonly answer: 'waiting' };

export function waiting(waitsFor: WaitsFor, because: string, unblock: string): Waiting {
  return { answer: 'waiting', waitsFor, because, unblock };
}

/** R42: the same answer with the time at which it may be another one, when there is one. */
export function lookAgain(askAgainAt: Instant | undefined, answer: Waiting): Waiting {
  return askAgainAt === undefined ? answer : { ...answer, askAgainAt };
}

/** `5m`, `2h`, `3d`: for sentences, where seconds no longer matter. */
export function roughly(length: Duration): string {
  if (length < 60_000) return `${length === 0 ? 0 : Math.max(1, Math.round(length / 1000))} s`;
  if (length < 3_600_000) return `${Math.round(length / 60_000)} min`;
  if (length < 172_800_000) return `${Math.round(length / 360_000) / 10} h`;
  return `${Math.round(length / 86_400_000)} days`;
}
