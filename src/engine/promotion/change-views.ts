/** What the engine answers about reviews, papers, changes and proposed pipelines. */
import type { Digest, Json } from '../../domain/base/digest.ts';
import type { PromotionId, ReleaseId } from '../../domain/base/id.ts';
import type { LineChange } from '../../domain/base/line-diff.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { Outcome, PromotionKind } from '../../domain/promotion/promotion.ts';
import type { Risk } from '../../domain/promotion/risk.ts';
import type { TitledRelease } from '../views/views.ts';

/** Commits that a review of a release covers, with what was said of each. */
export interface ReviewableView {
  readonly project: string;
  readonly environment: string;
  readonly release: TitledRelease;
  /** What runs there now. */
  readonly since: { readonly id: ReleaseId; readonly number: number } | null;
  readonly commits: readonly {
    readonly id: string;
    readonly subject: string;
    readonly authors: readonly string[];
    readonly merge: boolean;
    readonly reviews: readonly {
      readonly by: string;
      readonly decision: 'approve' | 'request-changes';
      readonly reason: string;
      readonly at: Instant;
    }[];
  }[];
}

export interface SuppressionView {
  readonly finding: string;
  readonly owner: string;
  readonly reason: string;
  readonly until: Instant;
  readonly at: Instant;
}

export interface NotesView {
  readonly project: string;
  readonly environment: string;
  readonly release: number;
  readonly body: string;
  readonly digest: Digest;
  readonly source: 'generated' | 'written';
  readonly by: string;
  /** null while they are only what would be generated. */
  readonly at: Instant | null;
  readonly acceptedBy: string | null;
  readonly acceptedAt: Instant | null;
}

export interface ChangeRowView {
  readonly number: number;
  readonly environment: string;
  readonly release: { readonly id: ReleaseId; readonly number: number };
  readonly promotion: PromotionId;
  readonly kind: PromotionKind;
  readonly risk: Risk;
  readonly state: 'waiting' | 'running' | 'ended';
  readonly outcome: Outcome | null;
  readonly openedAt: Instant;
  readonly endedAt: Instant | null;
}

export interface ChangeView extends ChangeRowView {
  /** The whole record. */
  readonly document: Json;
  /** SHA-256 of its canonical JSON. */
  readonly digest: Digest;
}

/** A pipeline that waits for a second person. */
export interface ProposalView {
  readonly project: string;
  readonly proposal: string;
  readonly digest: Digest;
  readonly proposedBy: string;
  readonly proposedAt: Instant;
  readonly weakenings: readonly {
    readonly what: string;
    readonly environment: string | null;
    readonly sentence: string;
  }[];
  readonly text: string;
  readonly inForce: string;
  readonly differs: readonly LineChange[];
}
