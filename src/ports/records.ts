/** What the store keeps, one record for each noun. Records of the domain are stored as the domain defines them. */
import type { Digest, Json } from '../domain/base/digest.ts';
import type {
  BuildId,
  DeploymentId,
  EnvironmentId,
  FreezeId,
  Id,
  PipelineRevisionId,
  ProjectId,
  PromotionId,
  ReleaseId,
  ReplicaId,
  VerdictId,
  WebhookId,
} from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { WebhookProvider } from '../domain/trigger/webhook.ts';
import type { EnvironmentSpec } from '../domain/pipeline/environment.ts';
import type { Pipeline } from '../domain/pipeline/pipeline.ts';
import type { Answers } from '../domain/gate/all.ts';
import type { Ailing } from '../domain/observation/ailing.ts';
import type { Exemption, Hold, Lease, Pin } from '../domain/promotion/facts.ts';
import type { Promotion } from '../domain/promotion/promotion.ts';
import type { VerdictWord } from '../domain/release/evidence.ts';
import type { Release } from '../domain/release/release.ts';
import type { DeploymentSnapshot } from './snapshot.ts';

export interface Project {
  readonly id: ProjectId;
  readonly name: string;
  readonly sourceUrl: string;
  readonly revision: PipelineRevisionId | undefined;
  readonly poll: { readonly dueAt: Instant; readonly failures: number; readonly error: string | undefined };
  readonly createdAt: Instant;
}

export interface PipelineRevision {
  readonly id: PipelineRevisionId;
  readonly project: ProjectId;
  readonly digest: Digest;
  readonly pipeline: Pipeline;
  readonly text: string;
  readonly appliedBy: string;
  readonly appliedAt: Instant;
}

export interface Environment {
  readonly id: EnvironmentId;
  readonly project: ProjectId;
  readonly position: number;
  /** No longer in the pipeline: takes nothing any more; what runs goes on until it is stopped. */
  readonly retired: boolean;
  readonly spec: EnvironmentSpec;
  readonly port: number | undefined;
  readonly deployment: DeploymentId | undefined;
  readonly hold: Hold | undefined;
  readonly pin: Pin | undefined;
  /** Absent while all that serves is well. */
  readonly ailing: Ailing | undefined;
  /** Somebody asked that what runs here be stopped; only of a retired one. */
  readonly stopRequest: Hold | undefined;
  readonly lease: Lease | undefined;
  readonly dueAt: Instant | undefined;
  readonly verifyDueAt: Instant | undefined;
}

export interface RefMove {
  readonly project: ProjectId;
  readonly ref: string;
  readonly from: string | undefined;
  /** Absent when the ref is gone. */
  readonly to: string | undefined;
  /** The tag object, when an annotated tag leads to the commit. */
  readonly tagObject?: string | undefined;
  readonly fastForward: boolean | undefined;
  /** True when nothing of the repository was known before. */
  readonly firstLook?: boolean;
  readonly at: Instant;
}

/** Where a ref pointed when we last looked. */
export interface SeenTip {
  readonly commit: string;
  /** The tag object of an annotated tag; else the commit. */
  readonly object: string;
}

export interface Build {
  readonly id: BuildId;
  readonly project: ProjectId;
  readonly commit: string;
  /** Becomes the release's number. */
  readonly number: number;
  readonly state: 'waiting' | 'running' | 'built' | 'failed' | 'errored';
  readonly attempt: number;
  readonly release: ReleaseId | undefined;
  readonly reason: string | undefined;
  readonly title: string;
  readonly author: string;
  readonly createdAt: Instant;
  readonly startedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
  /** The worker that is at it. */
  readonly owner: ReplicaId | undefined;
}

export interface StoredRelease extends Release {
  readonly artifactBytes: number;
  /** Branches and tags at which the commit was seen. */
  readonly refs: readonly string[];
}

export interface PromotionRow {
  readonly promotion: Promotion;
  readonly project: ProjectId;
  readonly environmentName: string;
  readonly releaseNumber: number;
  readonly answers: Answers | undefined;
  readonly seq: number;
}

export interface PromotionFilter {
  readonly project?: ProjectId;
  readonly environment?: EnvironmentId;
  readonly release?: ReleaseId;
  readonly state?: Promotion['progress']['state'];
  /** Older than this `seq`. */
  readonly before?: number;
  readonly limit: number;
}

export interface DeploymentRow {
  readonly id: DeploymentId;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  /** What brought the release here; starting it again, after an abort or a fall, does not change that. */
  readonly promotion: PromotionId;
  /** The stopped promotion in whose place it was put back. */
  readonly undoes: PromotionId | undefined;
  readonly cause: 'promotion' | 'restore' | 'heal';
  /** Earlier deployments of this release in the same way, newest first: a service of theirs that still runs goes on. */
  readonly continues: readonly DeploymentId[];
  readonly snapshot: DeploymentSnapshot;
  readonly createdAt: Instant;
  readonly occupiedFrom: Instant | undefined;
  readonly occupiedUntil: Instant | undefined;
}

export interface NewVerification {
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly number: number;
  readonly id: VerdictId;
  readonly verdict: VerdictWord;
  readonly at: Instant;
  readonly reason: string;
}

export interface VerificationRequest {
  readonly id: string;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly by: string;
  readonly at: Instant;
  readonly state: 'waiting' | 'ended';
  /** Both absent while it waits. */
  readonly verdict: VerdictWord | undefined;
  readonly reason: string | undefined;
}

export interface NewVeto {
  readonly id: Id<'vto'>;
  readonly release: ReleaseId;
  readonly environment: EnvironmentId | undefined;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

export interface NewFreeze {
  readonly id: FreezeId;
  readonly project: ProjectId | undefined;
  readonly environment: EnvironmentId | undefined;
  readonly by: string;
  readonly reason: string;
  readonly from: Instant;
  readonly until: Instant | undefined;
  /** R27: what it does not stop. */
  readonly exempt: readonly Exemption[];
}

export interface NewEvent {
  readonly kind: string;
  readonly actor: string;
  readonly at: Instant;
  readonly project?: ProjectId;
  readonly environment?: EnvironmentId;
  readonly release?: ReleaseId;
  readonly promotion?: PromotionId;
  readonly data: { readonly [key: string]: Json | undefined };
}

export interface Webhook {
  readonly id: WebhookId;
  readonly project: ProjectId;
  readonly provider: WebhookProvider;
  /** Of a secret that is not stored. */
  readonly secretDigest: Digest;
  readonly createdBy: string;
  readonly createdAt: Instant;
  /** When it no longer counts, or since when; for good when absent. */
  readonly endsAt: Instant | undefined;
  readonly lastDeliveryAt: Instant | undefined;
}

export interface StoredAnswer {
  readonly requestDigest: Digest;
  readonly status: number;
  readonly body: Json;
  readonly at: Instant;
}

export interface Replica {
  readonly id: ReplicaId;
  readonly roles: string;
  readonly version: string;
  readonly startedAt: Instant;
  readonly beatAt: Instant;
}
