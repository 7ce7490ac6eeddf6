/** The tables of migrations/0002-people.sql and 0020-sessions.sql. */
import type { ColumnType } from 'kysely';
import type { Digest } from '../../../domain/base/digest.ts';
import type { GrantId, LinkId, MachineId, PersonId, ProjectId, SessionId, TokenId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { SignInAttempt } from '../../../ports/access.ts';

export interface AccessDatabase {
  people: {
    id: PersonId;
    handle: string;
    name: string;
    created_at: Instant;
    created_by: string;
    disabled_at: Instant | null;
  };
  person_emails: { email: string; person_id: PersonId; added_at: Instant; added_by: string };
  person_subjects: { issuer: string; subject: string; person_id: PersonId; bound_at: Instant };
  grants: {
    id: GrantId;
    person_id: PersonId;
    role: string;
    project_id: ProjectId | null;
    from_at: Instant;
    until_at: Instant | null;
    granted_by: string;
    granted_at: Instant;
    reason: string | null;
    revoked_at: Instant | null;
    revoked_by: string | null;
  };
  machines: {
    id: MachineId;
    handle: string;
    project_id: ProjectId;
    issuer: string;
    audience: string;
    claims: ColumnType<Readonly<Record<string, string>>, string, string>;
    created_at: Instant;
    created_by: string;
    disabled_at: Instant | null;
  };
  used_identities: { issuer: string; jti: string; expires_at: Instant };
  tokens: {
    id: TokenId;
    secret_hash: Digest;
    name: string;
    person_id: PersonId | null;
    machine_id: MachineId | null;
    projects: ProjectId[] | null;
    actions: string[] | null;
    created_at: Instant;
    expires_at: Instant;
    last_used_at: Instant | null;
    revoked_at: Instant | null;
    revoked_by: string | null;
  };
  sessions: {
    id: SessionId;
    secret_hash: Digest;
    person_id: PersonId;
    browser: string | null;
    created_at: Instant;
    expires_at: Instant;
    last_used_at: Instant | null;
    ended_at: Instant | null;
  };
  sign_in_links: {
    id: LinkId;
    secret_hash: Digest;
    person_id: PersonId;
    challenge: string | null;
    created_at: Instant;
    created_by: string;
    expires_at: Instant;
    used_at: Instant | null;
  };
  sign_in_attempts: {
    state_hash: Digest;
    browser_hash: Digest;
    nonce: string;
    verifier: string;
    hand_over: ColumnType<SignInAttempt['handOver'] | null, string | null, string | null>;
    expires_at: Instant;
  };
}
