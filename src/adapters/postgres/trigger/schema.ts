/** The tables of migrations/0003-signers.sql. */
import type { ColumnType, Generated } from 'kysely';
import type { Digest } from '../../../domain/base/digest.ts';
import type { AcceptanceId, JudgementId, PersonId, ProjectId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Basis, Check } from '../../../domain/trigger/check.ts';
import type { Rewound } from '../../../domain/trigger/main-commit.ts';
import type { KeyKind } from '../../../domain/trigger/signature.ts';
import type { StoredJudgement } from '../../../ports/trust.ts';

/** Written as text, because `pg` would turn an array into a PostgreSQL array. */
type Jsonb<T> = ColumnType<T, string, string>;

export interface TrustDatabase {
  signers: {
    fingerprint: string;
    kind: KeyKind;
    material: string;
    algorithm: string;
    comment: string;
    person_id: PersonId | null;
    platform: string | null;
    added_by: string;
    added_at: Instant;
    expires_at: Instant | null;
    revoked_by: string | null;
    revoked_at: Instant | null;
    revoked_reason: string | null;
  };
  first_seen: { project_id: ProjectId; commit_id: string; ref: string; seen_at: Instant };
  main_lines: {
    project_id: ProjectId;
    ref: string;
    root: string;
    baseline: string;
    baseline_by: string;
    baseline_at: Instant;
    verified: string;
    rewound: ColumnType<Rewound | null, string | null, string | null>;
  };
  verified_commits: {
    project_id: ProjectId;
    commit_id: string;
    how: 'baseline' | 'acknowledged' | 'accepted';
    at: Instant;
  };
  acceptances: {
    id: AcceptanceId;
    project_id: ProjectId;
    commit_id: string;
    tree_id: string;
    person_id: PersonId;
    reason: string;
    at: Instant;
  };
  judgements: {
    id: JudgementId;
    seq: Generated<number>;
    project_id: ProjectId;
    class: StoredJudgement['class'];
    ref: string;
    object_id: string;
    commit_id: string | null;
    found: Jsonb<StoredJudgement['found']>;
    mode: StoredJudgement['mode'];
    accepted: boolean;
    basis: Basis | null;
    checks: Jsonb<readonly Check[]>;
    fingerprint: string | null;
    payload: Digest | null;
    registry_version: number;
    standing: string;
    policy: Digest;
    on_main: boolean;
    seen_at: Instant;
    judged_at: Instant;
    accepted_at: Instant | null;
  };
}
