/** The tables of migrations/0005-changes.sql. */
import type { ColumnType } from 'kysely';
import type { Digest, Json } from '../../../domain/base/digest.ts';
import type { EnvironmentId, PipelineRevisionId, ProjectId, PromotionId, ReleaseId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Pipeline } from '../../../domain/pipeline/pipeline.ts';
import type { Weakening } from '../../../domain/pipeline/weakenings.ts';
import type {
  CheckId,
  NewReview,
  PipelineProposal,
  ReleaseNotes,
  StoredCheck,
  StoredPlanAcceptance,
  StoredSuppression,
} from '../../../ports/gate-records.ts';

/** Written as text, because `pg` would turn an array into a PostgreSQL array. */
type Jsonb<T> = ColumnType<T, string, string>;

export interface ChangeDatabase {
  gate_checks: {
    id: CheckId;
    environment_id: EnvironmentId;
    release_id: ReleaseId;
    promotion_id: PromotionId | null;
    kind: StoredCheck['kind'];
    name: string;
    subject: string;
    state: StoredCheck['state'];
    attempt: number;
    answer: NonNullable<StoredCheck['answer']> | null;
    because: string;
    data: ColumnType<Json | null, string | null, string | null>;
    asked_at: Instant;
    answered_at: Instant | null;
    due_at: Instant | null;
    touched_at: Instant;
  };
  reviews: {
    id: NewReview['id'];
    project_id: ProjectId;
    commit_id: string;
    decision: NewReview['decision'];
    by: string;
    reason: string;
    at: Instant;
  };
  suppressions: {
    id: StoredSuppression['id'];
    project_id: ProjectId;
    finding: string;
    owner: string;
    reason: string;
    until_at: Instant;
    at: Instant;
    lifted_by: string | null;
    lifted_at: Instant | null;
  };
  release_notes: {
    environment_id: EnvironmentId;
    release_id: ReleaseId;
    body: string;
    digest: Digest;
    source: ReleaseNotes['source'];
    base_release_id: ReleaseId | null;
    by: string;
    at: Instant;
    accepted_by: string | null;
    accepted_at: Instant | null;
  };
  plan_acceptances: {
    id: StoredPlanAcceptance['id'];
    environment_id: EnvironmentId;
    release_id: ReleaseId;
    plan_hash: Digest;
    document: Jsonb<Json>;
    by: string;
    reason: string;
    at: Instant;
  };
  pipeline_proposals: {
    id: PipelineProposal['id'];
    project_id: ProjectId;
    base_revision_id: PipelineRevisionId;
    digest: Digest;
    pipeline: Jsonb<Pipeline>;
    source_text: string;
    source_url: string | null;
    weakenings: Jsonb<readonly Weakening[]>;
    proposed_by: string;
    proposed_at: Instant;
    state: PipelineProposal['state'];
    decided_by: string | null;
    decided_at: Instant | null;
    reason: string | null;
  };
  changes: {
    promotion_id: PromotionId;
    project_id: ProjectId;
    number: number;
    document: Jsonb<Json>;
    opened_at: Instant;
  };
}
