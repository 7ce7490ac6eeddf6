/** A recorded, attributed result, bound to the artifact it is about. */
import type { Digest } from '../base/digest.ts';
import type { EnvironmentId, EvidenceId, PromotionId, ReleaseId } from '../base/id.ts';
import type { Instant } from '../base/time.ts';

/** R20: only PASS opens anything; INCONCLUSIVE and absence do not. */
export const verdictWords = ['PASS', 'FAIL', 'INCONCLUSIVE'] as const;
export type VerdictWord = (typeof verdictWords)[number];

export interface Evidence {
  readonly id: EvidenceId;
  readonly release: ReleaseId;
  readonly artifact: Digest;
  readonly environment: EnvironmentId;
  /** The promotion that was being verified; absent for a later verification. */
  readonly promotion: PromotionId | undefined;
  readonly kind: 'readiness' | 'tests' | 'command';
  /** Name of the verification command, or `readiness`. */
  readonly name: string;
  readonly verdict: VerdictWord;
  /** One sentence: what was looked at and what it said. */
  readonly summary: string;
  readonly counts: TestCounts | undefined;
  readonly at: Instant;
  readonly milliseconds: number;
  /** Key of the run whose output is kept, for `liftlock logs`. */
  readonly run: string | undefined;
}

export interface TestCounts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}
