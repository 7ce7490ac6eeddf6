/** What a promotion would change, in a form that can be shown, approved and compared. */
import { canonicalJson, type Digest, type Json, type Sha256 } from '../base/digest.ts';
import type { EnvironmentId, PipelineRevisionId, PromotionId, ReleaseId } from '../base/id.ts';
import type { GateSpec } from '../pipeline/environment.ts';
import type { TrustSpec } from '../pipeline/pipeline.ts';
import type { PromotionKind } from './promotion.ts';

export interface Plan {
  readonly environment: EnvironmentId;
  readonly kind: PromotionKind;
  readonly release: ReleaseId;
  readonly artifact: Digest;
  /**
   * What it replaces, and the promotion that brought that here; absent for the first deployment. The promotion makes an
   * approval good for one occasion: after a rollback the same step forward is another plan.
   */
  readonly replaces: { readonly release: ReleaseId; readonly promotion: PromotionId } | undefined;
  /** R19: gates, variables and commands come from this revision of the pipeline. */
  readonly revision: PipelineRevisionId;
  /** What has to be open before it may start. */
  readonly gates: readonly GateSpec[];
  /** What is asked of people and keys. */
  readonly policy: TrustSpec;
}

/** R21: an approval is bound to this hash; anything different is another plan. */
export function planHash(plan: Plan, sha256: Sha256): Digest {
  return sha256(canonicalJson(plan as unknown as Json));
}
