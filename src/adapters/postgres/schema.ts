/** The tables as migrations/*.sql make them. Bigints arrive as numbers, jsonb as parsed values. */
import type { ColumnType, Generated } from 'kysely';
import type { Digest, Json } from '../../domain/base/digest.ts';
import type {
  BuildId,
  DeploymentId,
  EnvironmentId,
  EvidenceId,
  EvidenceSignerId,
  FreezeId,
  Id,
  LeaseId,
  PipelineRevisionId,
  ProjectId,
  PromotionId,
  ReleaseId,
  ReplicaId,
  VerdictId,
  WebhookId,
} from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { WebhookProvider } from '../../domain/trigger/webhook.ts';
import type { EnvironmentSpec } from '../../domain/pipeline/environment.ts';
import type { Pipeline } from '../../domain/pipeline/pipeline.ts';
import type { Answers } from '../../domain/gate/all.ts';
import type { Ailing } from '../../domain/observation/ailing.ts';
import type { Exemption, Hold, Pin } from '../../domain/promotion/facts.ts';
import type { Origin, Outcome, Phase, PromotionKind, StopRequest } from '../../domain/promotion/promotion.ts';
import type { Evidence, EvidenceKind, Standing, VerdictWord } from '../../domain/release/evidence.ts';
import type { EvidenceDetails } from '../../domain/release/evidence-details.ts';
import type { ReleaseContent } from '../../domain/release/release.ts';
import type { Build, DeploymentRow, VerificationRequest } from '../../ports/records.ts';
import type { DeploymentSnapshot } from '../../ports/snapshot.ts';
import type { AccessDatabase } from './access/schema.ts';
import type { ChangeDatabase } from './promotion/change-schema.ts';
import type { ApprovalDatabase } from './gate/approval-schema.ts';
import type { NotificationDatabase } from './notification/schema.ts';
import type { TrustDatabase } from './trigger/schema.ts';
import type { RolloutDatabase } from './rollout/schema.ts';

/** Written as text, because `pg` would turn an array into a PostgreSQL array. */
type Jsonb<T> = ColumnType<T, string, string>;
type NullableJsonb<T> = ColumnType<T | null, string | null | undefined, string | null>;

export interface Database
  extends AccessDatabase, ApprovalDatabase, ChangeDatabase, NotificationDatabase, RolloutDatabase, TrustDatabase {
  projects: {
    id: ProjectId;
    name: string;
    source_url: string;
    source_sealed: string | null;
    revision_id: PipelineRevisionId | null;
    last_release_number: Generated<number>;
    poll_due_at: Instant;
    poll_failures: number;
    poll_error: string | null;
    created_at: Instant;
  };
  pipeline_revisions: {
    id: PipelineRevisionId;
    project_id: ProjectId;
    digest: Digest;
    pipeline: Jsonb<Pipeline>;
    source_text: string;
    applied_by: string;
    applied_at: Instant;
  };
  environments: {
    id: EnvironmentId;
    project_id: ProjectId;
    name: string;
    position: number;
    retired: Generated<boolean>;
    spec: Jsonb<EnvironmentSpec>;
    port: number | null;
    deployment_id: DeploymentId | null;
    hold: NullableJsonb<Hold>;
    pin: NullableJsonb<Pin>;
    stop_request: NullableJsonb<Hold>;
    schedule_since: Generated<Instant>;
    schedule_seen: Generated<Instant>;
    lease_id: LeaseId | null;
    lease_promotion_id: PromotionId | null;
    lease_holder: string | null;
    lease_expires_at: Instant | null;
    due_at: Instant | null;
    verify_due_at: Instant | null;
    heal_due_at: Instant | null;
    looping_release: ReleaseId | null;
    looping_told_at: Instant | null;
    ailing: NullableJsonb<Ailing>;
  };
  webhooks: {
    id: WebhookId;
    project_id: ProjectId;
    provider: WebhookProvider;
    secret_digest: Digest;
    created_by: string;
    created_at: Instant;
    ends_at: Instant | null;
    last_delivery_at: Instant | null;
  };
  webhook_deliveries: { webhook_id: WebhookId; name: string; at: Instant };
  refs_to_look_at: { project_id: ProjectId; ref: string; commit_id: string };
  ref_tips: { project_id: ProjectId; ref: string; commit_id: string; object_id: string; seen_at: Instant };
  ref_log: {
    id: Generated<number>;
    project_id: ProjectId;
    ref: string;
    old_commit: string | null;
    new_commit: string | null;
    new_object: string | null;
    first_look: Generated<boolean>;
    fast_forward: boolean | null;
    seen_at: Instant;
  };
  ref_sightings: { project_id: ProjectId; commit_id: string; ref: string; seen_at: Instant };
  builds: {
    id: BuildId;
    project_id: ProjectId;
    commit_id: string;
    number: number;
    state: Build['state'];
    attempt: number;
    release_id: ReleaseId | null;
    reason: string | null;
    title: string;
    author: string;
    created_at: Instant;
    started_at: Instant | null;
    ended_at: Instant | null;
    owner: ReplicaId | null;
    touched_at: Instant;
  };
  releases: {
    id: ReleaseId;
    project_id: ProjectId;
    number: number;
    commit_id: string;
    artifact: Digest;
    artifact_bytes: number;
    content: Jsonb<ReleaseContent>;
    created_at: Instant;
  };
  promotions: {
    id: PromotionId;
    seq: Generated<number>;
    project_id: ProjectId;
    environment_id: EnvironmentId;
    release_id: ReleaseId;
    kind: PromotionKind;
    trigger_key: string | null;
    origin: Jsonb<Origin>;
    state: 'waiting' | 'running' | 'ended';
    phase: Phase | null;
    lease_id: LeaseId | null;
    outcome: Outcome | null;
    reason: string | null;
    stop: NullableJsonb<StopRequest>;
    superseded_by: PromotionId | null;
    rolled_back_by: PromotionId | null;
    plan_hash: Digest | null;
    answers: NullableJsonb<Answers>;
    ask_again_at: Instant | null;
    asked_plan: Digest | null;
    asked_at: Instant | null;
    attempt: Generated<number>;
    requested_at: Instant;
    started_at: Instant | null;
    switched_at: Instant | null;
    ended_at: Instant | null;
  };
  deployments: {
    id: DeploymentId;
    environment_id: EnvironmentId;
    release_id: ReleaseId;
    promotion_id: PromotionId;
    undone_promotion_id: PromotionId | null;
    continues: DeploymentId[];
    cause: DeploymentRow['cause'];
    snapshot: Jsonb<DeploymentSnapshot>;
    created_at: Instant;
    occupied_from: Instant | null;
    occupied_until: Instant | null;
    release_since: Instant | null;
  };
  verifications: {
    environment_id: EnvironmentId;
    release_id: ReleaseId;
    number: number;
    id: VerdictId;
    verdict: VerdictWord;
    at: Instant;
    since: Instant;
    reason: string;
  };
  evidence: {
    id: EvidenceId;
    release_id: ReleaseId;
    artifact: Digest;
    seq: Generated<number>;
    environment_id: EnvironmentId | null;
    promotion_id: PromotionId | null;
    git_commit: string | null;
    kind: Evidence['kind'];
    name: string;
    verdict: VerdictWord;
    standing: Standing;
    by: string;
    summary: string;
    details: NullableJsonb<EvidenceDetails>;
    format: string | null;
    content: Digest | null;
    envelope: Digest | null;
    signer_id: EvidenceSignerId | null;
    payload: Digest | null;
    at: Instant;
    expires_at: Instant | null;
    milliseconds: number;
    run: string | null;
  };
  evidence_signers: {
    id: EvidenceSignerId;
    name: string;
    key_id: Digest;
    public_key: string;
    kinds: Jsonb<readonly EvidenceKind[]>;
    projects: NullableJsonb<readonly ProjectId[]>;
    added_by: string;
    added_at: Instant;
    expires_at: Instant | null;
    revoked_by: string | null;
    revoked_at: Instant | null;
    revoke_reason: string | null;
  };
  installation_keys: {
    key_id: Digest;
    public_key: string;
    added_at: Instant;
  };
  verification_requests: {
    id: string;
    environment_id: EnvironmentId;
    release_id: ReleaseId;
    requested_by: string;
    requested_at: Instant;
    state: VerificationRequest['state'];
    verdict: VerdictWord | null;
    reason: string | null;
    ended_at: Instant | null;
    touched_at: Instant;
  };
  vetoes: {
    id: Id<'vto'>;
    release_id: ReleaseId;
    environment_id: EnvironmentId | null;
    by: string;
    reason: string;
    at: Instant;
    lifted_by: string | null;
    lifted_at: Instant | null;
  };
  freezes: {
    id: FreezeId;
    project_id: ProjectId | null;
    environment_id: EnvironmentId | null;
    by: string;
    reason: string;
    from_at: Instant;
    until_at: Instant | null;
    exempt: Exemption[];
    lifted_by: string | null;
    lifted_at: Instant | null;
  };
  events: {
    seq: Generated<number>;
    xid: Generated<string>;
    at: Instant;
    kind: string;
    actor: string;
    project_id: ProjectId | null;
    environment_id: EnvironmentId | null;
    release_id: ReleaseId | null;
    promotion_id: PromotionId | null;
    data: Jsonb<{ readonly [key: string]: Json }>;
    /** Missing for events of earlier versions until the audit log takes them in. */
    id: string | null;
  };
  audit_log: { origin: string };
  idempotency_keys: {
    key: string;
    actor: string;
    request_digest: Digest;
    status: number;
    body: Jsonb<Json>;
    at: Instant;
  };
  replicas: {
    id: ReplicaId;
    /** 64 bits, more than a number holds: written as text, compared by the server only. */
    lock_key: ColumnType<never, string, string>;
    roles: string;
    version: string;
    started_at: Instant;
    beat_at: Instant;
    gone_at: Instant | null;
    reclaimed_at: Instant | null;
  };
}
