/** What the store keeps for gates: checks, reviews, suppressions, notes, accepted plans, proposed pipelines, changes. */
import type { Digest, Json } from '../domain/base/digest.ts';
import type { EnvironmentId, Id, PipelineRevisionId, ProjectId, PromotionId, ReleaseId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { Pipeline } from '../domain/pipeline/pipeline.ts';
import type { Weakening } from '../domain/pipeline/weakenings.ts';
import type { Check, Lookup, Review, Suppression } from '../domain/promotion/proof.ts';

export type CheckId = Id<'chk'>;

export interface StoredCheck extends Lookup {
  readonly id: CheckId;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly promotion: PromotionId | undefined;
  readonly state: Check['state'];
  readonly attempt: number;
  readonly answer: Check['answer'];
  readonly because: string;
  readonly data: Json | undefined;
  readonly askedAt: Instant;
  readonly answeredAt: Instant | undefined;
  /** When it is asked again; absent while a job is at it, and when the answer stands. */
  readonly dueAt: Instant | undefined;
}

export interface NewReview extends Omit<Review, 'from'> {
  readonly id: Id<'rvw'>;
  readonly project: ProjectId;
  readonly reason: string;
}

export interface StoredSuppression extends Suppression {
  readonly id: Id<'sup'>;
  readonly project: ProjectId;
  readonly at: Instant;
}

export interface ReleaseNotes {
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly body: string;
  readonly digest: Digest;
  readonly source: 'generated' | 'written';
  /** Of generated notes: what ran when they were made. */
  readonly base: ReleaseId | undefined;
  readonly by: string;
  readonly at: Instant;
  readonly acceptedBy: string | undefined;
  readonly acceptedAt: Instant | undefined;
}

export interface StoredPlanAcceptance {
  readonly id: Id<'pac'>;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly planHash: Digest;
  /** What was shown to whoever accepted it. */
  readonly document: Json;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

export interface PipelineProposal {
  readonly id: Id<'ppr'>;
  readonly project: ProjectId;
  readonly base: PipelineRevisionId;
  readonly digest: Digest;
  readonly pipeline: Pipeline;
  readonly text: string;
  /** Where commits are to come from; absent when that stays as it is. */
  readonly sourceUrl: string | undefined;
  readonly weakenings: readonly Weakening[];
  readonly proposedBy: string;
  readonly proposedAt: Instant;
  readonly state: 'proposed' | 'approved' | 'rejected' | 'void';
  readonly decidedBy: string | undefined;
  readonly decidedAt: Instant | undefined;
  readonly reason: string | undefined;
}

export interface StoredChange {
  readonly promotion: PromotionId;
  readonly project: ProjectId;
  /** 1, 2, 3 … within the project. */
  readonly number: number;
  /** As it stood when the promotion started. */
  readonly document: Json;
  readonly openedAt: Instant;
}

/** Parts of a transaction. */
export interface GateTables {
  readonly checks: {
    /** False when the question was asked before. */
    insert(check: StoredCheck): Promise<boolean>;
    get(id: CheckId): Promise<StoredCheck | undefined>;
    lock(id: CheckId): Promise<StoredCheck | undefined>;
    update(check: StoredCheck): Promise<void>;
    /** Of this environment and release, in the order asked. */
    of(environment: EnvironmentId, release: ReleaseId): Promise<readonly StoredCheck[]>;
    /** To be asked again by `now`, locked; what another replica holds is left out. */
    due(now: Instant, limit: number): Promise<readonly StoredCheck[]>;
    /** Says that a worker is at it. */
    touch(id: CheckId, at: Instant): Promise<void>;
    /** Being asked, and last touched before `before`. */
    stalled(before: Instant): Promise<readonly StoredCheck[]>;
  };
  readonly reviews: {
    insert(review: NewReview): Promise<void>;
    ofCommits(project: ProjectId, commits: readonly string[]): Promise<readonly NewReview[]>;
  };
  readonly suppressions: {
    insert(suppression: StoredSuppression): Promise<void>;
    /** Answers how many were lifted. */
    lift(project: ProjectId, finding: string, how: { by: string; at: Instant }): Promise<number>;
    /** Not lifted; those whose time is over included. */
    of(project: ProjectId): Promise<readonly StoredSuppression[]>;
  };
  readonly notes: {
    /** Takes the place of what was there. */
    put(notes: ReleaseNotes): Promise<void>;
    get(environment: EnvironmentId, release: ReleaseId): Promise<ReleaseNotes | undefined>;
  };
  readonly plans: {
    /** False when this plan was accepted before. */
    accept(acceptance: StoredPlanAcceptance): Promise<boolean>;
    of(environment: EnvironmentId, release: ReleaseId): Promise<readonly StoredPlanAcceptance[]>;
  };
  readonly proposals: {
    insert(proposal: PipelineProposal): Promise<void>;
    /** The one that waits. */
    open(project: ProjectId): Promise<PipelineProposal | undefined>;
    decide(
      id: PipelineProposal['id'],
      how: { state: 'approved' | 'rejected' | 'void'; by: string; at: Instant; reason: string },
    ): Promise<void>;
  };
  readonly changes: {
    /** False when the promotion has one. */
    insert(change: StoredChange): Promise<boolean>;
    /** Of a promotion that was put back and has started again: what is known now, under its number. */
    replace(change: StoredChange): Promise<void>;
    /** Others wait for their number until this transaction has ended. */
    nextNumber(project: ProjectId): Promise<number>;
    ofPromotion(promotion: PromotionId): Promise<StoredChange | undefined>;
    byNumber(project: ProjectId, number: number): Promise<StoredChange | undefined>;
    /** Newest first. */
    list(project: ProjectId, page: { limit: number; before?: number }): Promise<readonly StoredChange[]>;
  };
}
