/** What the store keeps of decisions, of passkeys, and of ways around gates. */
import type { Digest, Json } from '../domain/base/digest.ts';
import type {
  ApprovalId,
  BreakGlassId,
  EnvironmentId,
  FollowUpId,
  PasskeyChallengeId,
  PasskeyId,
  PersonId,
  ProjectId,
  PromotionId,
  ReleaseId,
} from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { Contributor } from '../domain/access/independence.ts';
import type { ApprovalMeans } from '../domain/promotion/facts.ts';

export interface NewApproval {
  readonly id: ApprovalId;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly planHash: Digest;
  readonly actor: string;
  readonly decision: 'approve' | 'reject';
  readonly reason: string;
  readonly at: Instant;
  readonly means: ApprovalMeans;
  /** What exactly was decided; absent for `system:…`. */
  readonly statement: string | undefined;
  /** The passkey's answer. */
  readonly signature: Json | undefined;
}

/** The commits between two releases; without `from` those since the first one that was ever built. */
export interface CommitSpan {
  readonly project: ProjectId;
  readonly from: string | undefined;
  readonly to: string;
}

export interface Passkey {
  readonly id: PasskeyId;
  readonly person: PersonId;
  readonly name: string;
  /** Base64url, as browsers call it. */
  readonly credential: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly createdAt: Instant;
  readonly lastUsedAt: Instant | undefined;
}

export interface PasskeyChallenge {
  readonly id: PasskeyChallengeId;
  readonly person: PersonId;
  readonly purpose: 'enrol' | 'decide';
  readonly challenge: string;
  /** What the challenge is the SHA-256 of. */
  readonly statement: string | undefined;
  /** Where the browser saw us. */
  readonly origin: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** R25. */
export interface StoredBreakGlass {
  readonly id: BreakGlassId;
  readonly project: ProjectId;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly gates: readonly string[];
  readonly reason: string;
  readonly incident: string;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly expiresAt: Instant;
  readonly confirmed: { readonly by: string; readonly at: Instant } | undefined;
  readonly used: { readonly promotion: PromotionId; readonly at: Instant } | undefined;
}

export interface FollowUp {
  readonly id: FollowUpId;
  readonly project: ProjectId;
  readonly breakGlass: BreakGlassId;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly closed: { readonly by: string; readonly at: Instant; readonly conclusion: string } | undefined;
}

export interface ApprovalTables {
  readonly approvals: {
    /** False when this person's decision about this plan stands already. */
    insert(approval: NewApproval): Promise<boolean>;
    /** Takes back a decision that stands; false when there is none. */
    withdraw(
      decision: { environment: EnvironmentId; release: ReleaseId; planHash: Digest; actor: string },
      how: { reason: string; at: Instant },
    ): Promise<boolean>;
    /** Everything that was decided about a release in an environment, withdrawn decisions included, oldest first. */
    of(environment: EnvironmentId, release: ReleaseId): Promise<readonly RecordedDecision[]>;
    /** R23: people are asked about this plan from now on; nothing changes when they were already. */
    ask(promotion: PromotionId, planHash: Digest, at: Instant): Promise<void>;
  };
  readonly contributions: {
    record(span: CommitSpan, found: FoundContributors): Promise<void>;
    fail(span: CommitSpan, how: { problem: string; at: Instant }): Promise<void>;
    /** Spans that an approval waits for and that are due to be looked at. */
    due(now: Instant, limit: number): Promise<readonly CommitSpan[]>;
    /** The first commit of the project that was ever built. */
    firstBuilt(project: ProjectId): Promise<string | undefined>;
  };
  readonly passkeys: {
    /** False when the credential is known already. */
    insert(passkey: Passkey): Promise<boolean>;
    ofPerson(person: PersonId): Promise<readonly Passkey[]>;
    used(id: PasskeyId, counter: number, at: Instant): Promise<void>;
    remove(id: PasskeyId, at: Instant): Promise<boolean>;
    challenge(challenge: PasskeyChallenge): Promise<void>;
    /** Answers and uses up a challenge of this person; `undefined` when there is none, it has expired or was used. */
    take(id: PasskeyChallengeId, person: PersonId, now: Instant): Promise<PasskeyChallenge | undefined>;
  };
  readonly breakGlasses: {
    insert(breakGlass: StoredBreakGlass): Promise<void>;
    lock(id: BreakGlassId): Promise<StoredBreakGlass | undefined>;
    confirm(id: BreakGlassId, by: string, at: Instant): Promise<void>;
    use(id: BreakGlassId, promotion: PromotionId, at: Instant): Promise<void>;
    /** Newest first. */
    list(project: ProjectId, limit: number): Promise<readonly StoredBreakGlass[]>;
  };
  readonly followUps: {
    insert(followUp: FollowUp): Promise<void>;
    lock(id: FollowUpId): Promise<FollowUp | undefined>;
    close(id: FollowUpId, how: { by: string; at: Instant; conclusion: string }): Promise<void>;
    /** Open ones first, then newest first. */
    list(project: ProjectId, limit: number): Promise<readonly FollowUp[]>;
  };
}

export interface RecordedDecision extends NewApproval {
  readonly withdrawn: { readonly at: Instant; readonly reason: string } | undefined;
}

export interface FoundContributors {
  readonly contributors: readonly Contributor[];
  readonly commits: number;
  /** False when there were more commits than were looked at. */
  readonly complete: boolean;
}
