/**
 * The one store. Everything that decides runs in a transaction; nothing is cached outside it.
 * One noun a record; a verb says whether it locks.
 */
import type { Identity } from '../domain/audit/sealing.ts';
import type { Digest } from '../domain/base/digest.ts';
import type {
  BuildId,
  DeploymentId,
  EnvironmentId,
  EvidenceId,
  EvidenceSignerId,
  FreezeId,
  LeaseId,
  PipelineRevisionId,
  ProjectId,
  PromotionId,
  ReleaseId,
  ReplicaId,
  WebhookId,
} from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { EnvironmentSpec } from '../domain/pipeline/environment.ts';
import type { Answers } from '../domain/gate/all.ts';
import type { Ailing } from '../domain/observation/ailing.ts';
import type { EnvironmentFacts, Hold, Lease, Pin } from '../domain/promotion/facts.ts';
import type { Promotion } from '../domain/promotion/promotion.ts';
import type { Evidence, VerdictWord } from '../domain/release/evidence.ts';
import type { Release } from '../domain/release/release.ts';
import type { AccessTables } from './access.ts';
import type { GateTables } from './gate-records.ts';
import type { ApprovalTables } from './approvals.ts';
import type { EvidenceSigner } from '../domain/release/acceptance.ts';
import type { PublicKey } from './attestations.ts';
import type { Enqueue } from './jobs.ts';
import type { RolloutTables } from './rollouts.ts';
import type {
  Project,
  PipelineRevision,
  Environment,
  RefMove,
  SeenTip,
  Build,
  StoredRelease,
  PromotionRow,
  PromotionFilter,
  DeploymentRow,
  NewVerification,
  VerificationRequest,
  Webhook,
  NewVeto,
  NewFreeze,
  NewEvent,
  StoredAnswer,
  Replica,
} from './records.ts';
import type { NotificationTables } from './notifications.ts';
import type { TrustTables } from './trust.ts';

export interface Store {
  /**
   * Runs `work` in one transaction. Deadlocks and serialisation failures run it again, so it must not act
   * outside. @throws Failure `database/unreachable` when the connection fails; the outcome is then unknown, and
   * asking again must be safe.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Facts of an environment without locking it: for showing, never for deciding. */
  facts(environment: EnvironmentId, options: FactsOptions): Promise<EnvironmentFacts | undefined>;
  /** Told after each commit that recorded events, in this process and, a moment later, in the others. */
  onCommit(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface FactsOptions {
  readonly now: Instant;
  /** Load this release too, although nothing waits for it. */
  readonly alsoRelease?: ReleaseId;
}

export interface Transaction
  extends AccessTables, ApprovalTables, GateTables, NotificationTables, RolloutTables, TrustTables {
  readonly enqueue: Enqueue;
  readonly events: {
    /** Written when the transaction commits, in the order in which they were appended. */
    append(...events: readonly NewEvent[]): Promise<void>;
  };
  readonly projects: {
    insert(project: Project): Promise<void>;
    /** Locks the project's row. */
    lock(id: ProjectId): Promise<Project | undefined>;
    get(id: ProjectId): Promise<Project | undefined>;
    byName(name: string): Promise<Project | undefined>;
    list(): Promise<readonly Project[]>;
    /** Projects whose repository is due to be looked at, locked; rows that another replica holds are left out. */
    due(now: Instant, limit: number): Promise<readonly Project[]>;
    setPoll(id: ProjectId, poll: { dueAt: Instant; failures: number; error: string | undefined }): Promise<void>;
    setRevision(id: ProjectId, revision: PipelineRevisionId): Promise<void>;
    setSource(id: ProjectId, url: string): Promise<void>;
    nextReleaseNumber(id: ProjectId): Promise<number>;
  };
  readonly pipelines: {
    insert(revision: PipelineRevision): Promise<void>;
    current(project: ProjectId): Promise<PipelineRevision | undefined>;
  };
  readonly environments: {
    upsert(environment: {
      id: EnvironmentId;
      project: ProjectId;
      position: number;
      spec: EnvironmentSpec;
      dueAt: Instant;
    }): Promise<void>;
    /** Those that are not named and were not retired before. Each keeps its port, which what runs there still has. */
    retire(project: ProjectId, keepNames: readonly string[]): Promise<readonly EnvironmentId[]>;
    /** Takes a port away from a retired environment; false when none has it. */
    takePort(port: number): Promise<boolean>;
    setPort(id: EnvironmentId, port: number | undefined): Promise<void>;
    /** Others wait for them until this transaction has ended, so that no two give away the same one. */
    usedPorts(): Promise<readonly number[]>;
    ofProject(project: ProjectId): Promise<readonly Environment[]>;
    get(id: EnvironmentId): Promise<Environment | undefined>;
    /** Locks the environment's row and answers it. */
    lock(id: EnvironmentId): Promise<Environment | undefined>;
    /** The facts the engine decides on; the row must be locked. */
    facts(id: EnvironmentId, options: FactsOptions): Promise<EnvironmentFacts>;
    setHold(id: EnvironmentId, hold: Hold | undefined): Promise<void>;
    setPin(id: EnvironmentId, pin: Pin | undefined): Promise<void>;
    setSchedule(id: EnvironmentId, schedule: { since?: Instant; seen?: Instant }): Promise<void>;
    setStopRequest(id: EnvironmentId, request: Hold): Promise<void>;
    setLease(id: EnvironmentId, lease: Lease | undefined): Promise<void>;
    setDue(id: EnvironmentId, at: Instant | undefined): Promise<void>;
    setVerifyDue(id: EnvironmentId, at: Instant | undefined): Promise<void>;
    setHealDue(id: EnvironmentId, at: Instant | undefined): Promise<void>;
    setAiling(id: EnvironmentId, ailing: Ailing | undefined): Promise<void>;
    /** False when the same was told of this release since `notSince`; otherwise it is told now. */
    tellLooping(
      id: EnvironmentId,
      told: { readonly release: ReleaseId; readonly at: Instant; readonly notSince: Instant },
    ): Promise<boolean>;
    /** Environments to be looked at by `now`; not locked. */
    due(now: Instant, limit: number): Promise<readonly EnvironmentId[]>;
    verifyDue(now: Instant, limit: number): Promise<readonly EnvironmentId[]>;
    healDue(now: Instant, limit: number): Promise<readonly EnvironmentId[]>;
    /** Makes the environments that come after this one due, so that news travels. */
    wakeDownstream(id: EnvironmentId, at: Instant): Promise<readonly EnvironmentId[]>;
    /** Environments whose lease has run out, or whose holder is gone. */
    leasesToReclaim(now: Instant): Promise<readonly { environment: EnvironmentId; promotion: PromotionId }[]>;
    /** Promotions under this holder's leases that somebody wants stopped. */
    stopRequests(holder: ReplicaId): Promise<readonly PromotionId[]>;
    /** Promotions that run although the lease of their environment is not theirs, and nobody's either. */
    stranded(now: Instant): Promise<readonly { environment: EnvironmentId; promotion: PromotionId }[]>;
    renewLeases(
      holder: ReplicaId,
      until: Instant,
      held: readonly LeaseId[],
    ): Promise<readonly { promotion: PromotionId; lease: LeaseId; stop: boolean }[]>;
  };
  readonly refs: {
    tips(project: ProjectId): Promise<ReadonlyMap<string, SeenTip>>;
    /** Refs noted to be looked at although they did not move. */
    toLookAt(project: ProjectId): Promise<readonly { readonly ref: string; readonly commit: string }[]>;
    noteToLookAt(project: ProjectId, refs: readonly { readonly ref: string; readonly commit: string }[]): Promise<void>;
    clearToLookAt(project: ProjectId): Promise<void>;
    /** Records where a ref points now, in the tips, the log and the sightings. */
    move(move: RefMove): Promise<void>;
    /** Everything that a ref ever pointed at, in the order of the log. */
    objects(project: ProjectId, ref: string): Promise<readonly string[]>;
    /** A ref that leads to no commit: in the log only, and only when it is news. */
    note(move: { project: ProjectId; ref: string; object: string; firstLook: boolean; at: Instant }): Promise<void>;
  };
  readonly builds: {
    /** False when this commit has a build already (R11). */
    insert(build: Build): Promise<boolean>;
    get(id: BuildId): Promise<Build | undefined>;
    lock(id: BuildId): Promise<Build | undefined>;
    ofCommit(project: ProjectId, commit: string): Promise<Build | undefined>;
    update(build: Build): Promise<void>;
    /** Commits with a build, two at most whose ids begin so. */
    commitsBeginning(project: ProjectId, text: string): Promise<readonly string[]>;
    recent(project: ProjectId, limit: number): Promise<readonly Build[]>;
    /** Says that a worker is at it. */
    touch(id: BuildId, at: Instant): Promise<void>;
    /** Builds that should be worked on and were last touched before `before`. */
    stalled(before: Instant): Promise<readonly Build[]>;
  };
  readonly releases: {
    insert(release: Release, artifactBytes: number): Promise<void>;
    get(id: ReleaseId): Promise<StoredRelease | undefined>;
    /** By id or its beginning, number (`12`, `#12`), commit or its beginning (at least 4), tag or branch name. Newest first. */
    find(project: ProjectId, text: string): Promise<readonly StoredRelease[]>;
    newest(project: ProjectId, limit: number, before?: number): Promise<readonly StoredRelease[]>;
    /**
     * What may still be deployed: artifacts of the newest releases of each project, of all that are open or run, and of the
     * releases that each environment could go back to, however often the same one was started meanwhile.
     */
    artifactsInUse(kept: { newest: number; verified: number }): Promise<ReadonlySet<Digest>>;
  };
  readonly promotions: {
    /** False when the event already made a promotion here (R11). */
    insert(promotion: Promotion, project: ProjectId): Promise<boolean>;
    get(id: PromotionId): Promise<PromotionRow | undefined>;
    update(promotion: Promotion): Promise<void>;
    setAnswers(id: PromotionId, answers: Answers | undefined): Promise<void>;
    /** Counts how often its job was queued; answers the new count. */
    countAttempt(id: PromotionId): Promise<number>;
    list(filter: PromotionFilter): Promise<readonly PromotionRow[]>;
    /** Whether any promotion into it ever succeeded, be it undone since. */
    everSucceeded(environment: EnvironmentId): Promise<boolean>;
    /** R28: the newest release that could be promoted by automation is compared with what a person chose. */
    lastOf(environment: EnvironmentId, release: ReleaseId): Promise<PromotionRow | undefined>;
  };
  readonly deployments: {
    insert(deployment: DeploymentRow): Promise<void>;
    get(id: DeploymentId): Promise<DeploymentRow | undefined>;
    /** What it started, and what was put back in its place. */
    ofPromotion(promotion: PromotionId): Promise<readonly DeploymentRow[]>;
    /** Those of a promotion that was put back before it began: when it starts again it is another deployment. */
    forget(promotion: PromotionId): Promise<void>;
    /** The deployment becomes what runs: occupancy of the one before ends at `at`. */
    occupy(environment: EnvironmentId, deployment: DeploymentId, at: Instant): Promise<void>;
    /** Nothing runs there any more: occupancy ends, and port and stop request of the environment with it. */
    vacate(environment: EnvironmentId, at: Instant): Promise<void>;
    /** R36: the last release verified here that is not `except` and not vetoed, with the deployment it last had. */
    rollbackTarget(environment: EnvironmentId, except: ReleaseId | undefined): Promise<DeploymentRow | undefined>;
    /** The last deployment of a release in an environment that ran. */
    lastOf(environment: EnvironmentId, release: ReleaseId): Promise<DeploymentRow | undefined>;
    history(environment: EnvironmentId, limit: number): Promise<readonly DeploymentRow[]>;
  };
  readonly verifications: {
    record(verification: NewVerification): Promise<void>;
    of(environment: EnvironmentId): Promise<readonly (NewVerification & { since: Instant })[]>;
    find(environment: EnvironmentId, release: ReleaseId): Promise<NewVerification | undefined>;
  };
  readonly verificationRequests: {
    /** False when one is already waiting for this environment. */
    insert(request: Omit<VerificationRequest, 'verdict' | 'reason'>): Promise<boolean>;
    get(id: string): Promise<VerificationRequest | undefined>;
    end(id: string, how: { verdict: VerdictWord; reason: string; at: Instant }): Promise<void>;
    /** Says that a worker is at it. */
    touch(id: string, at: Instant): Promise<void>;
    stalled(before: Instant): Promise<readonly VerificationRequest[]>;
  };
  readonly evidence: {
    /** False when the statement with this payload was recorded for the release before: nothing signed counts twice. */
    insert(evidence: Evidence, payload?: Digest): Promise<boolean>;
    byPayload(release: ReleaseId, payload: Digest): Promise<Evidence | undefined>;
    get(id: EvidenceId): Promise<Evidence | undefined>;
    /** In the order in which it was recorded. */
    ofRelease(release: ReleaseId): Promise<readonly Evidence[]>;
    ofPromotion(promotion: PromotionId): Promise<readonly Evidence[]>;
  };
  readonly evidenceSigners: {
    /** False when the key, or the name, is taken. A key that was revoked stays taken. */
    insert(signer: EvidenceSigner): Promise<boolean>;
    list(): Promise<readonly EvidenceSigner[]>;
    /** False when there is none that is not revoked already. */
    revoke(id: EvidenceSignerId, how: { by: string; at: Instant; reason: string }): Promise<boolean>;
  };
  readonly installationKeys: {
    /** False when it is known. */
    add(key: PublicKey, at: Instant): Promise<boolean>;
    list(): Promise<readonly PublicKey[]>;
  };
  readonly vetoes: {
    insert(veto: NewVeto): Promise<void>;
    /** Those of the project that nobody lifted, newest first. */
    standing(project: ProjectId): Promise<readonly NewVeto[]>;
    /** Every veto of the release without an environment; else only those of that environment. Answers how many. */
    lift(release: ReleaseId, environment: EnvironmentId | undefined, how: { by: string; at: Instant }): Promise<number>;
  };
  readonly freezes: {
    insert(freeze: NewFreeze): Promise<void>;
    lift(id: FreezeId, by: string, at: Instant): Promise<boolean>;
    /** Unless it was lifted; it may be over, or still to come. */
    find(id: string): Promise<NewFreeze | undefined>;
    active(project: ProjectId | undefined, now: Instant): Promise<readonly NewFreeze[]>;
    /** Those that have yet to begin, the next one first. */
    ahead(project: ProjectId | undefined, now: Instant): Promise<readonly NewFreeze[]>;
  };
  readonly audit: {
    /**
     * Replaces texts about a person in events by `erased`; `textsToo`: also all that this person wrote. What the audit log proves
     * is left as it is. Answers the places, `<event id><JSON Pointer>`.
     */
    erase(identity: Identity, how: { textsToo: boolean }): Promise<readonly string[]>;
  };
  readonly webhooks: {
    insert(webhook: Webhook): Promise<void>;
    /** Those that count at this time, oldest first. */
    active(project: ProjectId, now: Instant): Promise<readonly Webhook[]>;
    end(id: WebhookId, at: Instant): Promise<void>;
    /** False when one of these names was recorded before. */
    recordDelivery(webhook: WebhookId, names: readonly string[], at: Instant): Promise<boolean>;
    forgetDeliveries(before: Instant): Promise<void>;
  };
  readonly idempotency: {
    find(actor: string, key: string): Promise<StoredAnswer | undefined>;
    insert(actor: string, key: string, answer: StoredAnswer): Promise<boolean>;
    /** Keys are good for as long as somebody may still repeat a request under them. */
    forget(before: Instant): Promise<void>;
  };
  readonly replicas: {
    beat(replica: Replica): Promise<'beating' | 'declared-gone'>;
    /** Replicas that are not `self`, whose lock is free and beat older than `silentSince`, or beat older than `deadSince`: marked gone. */
    markGone(
      self: ReplicaId,
      limits: { silentSince: Instant; deadSince: Instant; now: Instant },
    ): Promise<readonly ReplicaId[]>;
    isGone(id: string): Promise<boolean>;
    /** Gone replicas whose jobs are still to be given back. */
    unreclaimed(): Promise<readonly ReplicaId[]>;
    reclaimed(id: ReplicaId, at: Instant): Promise<void>;
    leave(id: ReplicaId, at: Instant): Promise<void>;
    present(): Promise<readonly Replica[]>;
  };
}

export type { Project, Environment, RefMove, SeenTip, StoredRelease, PromotionRow, DeploymentRow, NewFreeze, NewEvent };
