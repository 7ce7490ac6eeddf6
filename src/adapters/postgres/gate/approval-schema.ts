/** The tables of migrations/0006-approvals.sql, and `approvals` as it leaves them. */
import type { ColumnType, Generated } from 'kysely';
import type { Contributor } from '../../../domain/access/independence.ts';
import type { Digest, Json } from '../../../domain/base/digest.ts';
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
} from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { ApprovalMeans } from '../../../domain/promotion/facts.ts';
import type { PasskeyChallenge } from '../../../ports/approvals.ts';

type NullableJsonb<T> = ColumnType<T | null, string | null | undefined, string | null>;

export interface ApprovalDatabase {
  approvals: {
    id: ApprovalId;
    environment_id: EnvironmentId;
    release_id: ReleaseId;
    plan_hash: Digest;
    actor: string;
    decision: 'approve' | 'reject';
    reason: string;
    at: Instant;
    means: ApprovalMeans;
    statement: string | null;
    signature: NullableJsonb<Json>;
    withdrawn_at: Instant | null;
    withdrawn_reason: string | null;
  };
  contributions: {
    project_id: ProjectId;
    from_commit: string;
    to_commit: string;
    contributors: NullableJsonb<readonly Contributor[]>;
    commits: Generated<number>;
    complete: Generated<boolean>;
    problem: string | null;
    failures: Generated<number>;
    look_again_at: Instant | null;
  };
  passkeys: {
    id: PasskeyId;
    person_id: PersonId;
    name: string;
    credential_id: string;
    public_key: string;
    counter: number;
    transports: string[];
    created_at: Instant;
    last_used_at: Instant | null;
    removed_at: Instant | null;
  };
  passkey_challenges: {
    id: PasskeyChallengeId;
    person_id: PersonId;
    purpose: PasskeyChallenge['purpose'];
    challenge: string;
    statement: string | null;
    origin: string;
    created_at: Instant;
    expires_at: Instant;
    used_at: Instant | null;
  };
  break_glasses: {
    id: BreakGlassId;
    project_id: ProjectId;
    environment_id: EnvironmentId;
    release_id: ReleaseId;
    gates: string[];
    reason: string;
    incident: string;
    requested_by: string;
    requested_at: Instant;
    expires_at: Instant;
    confirmed_by: string | null;
    confirmed_at: Instant | null;
    promotion_id: PromotionId | null;
    used_at: Instant | null;
  };
  follow_ups: {
    id: FollowUpId;
    project_id: ProjectId;
    break_glass_id: BreakGlassId;
    opened_at: Instant;
    due_at: Instant;
    closed_by: string | null;
    closed_at: Instant | null;
    conclusion: string | null;
  };
}
