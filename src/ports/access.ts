/** What the store keeps of people, of what they may do, and of what they sign in with. */
import type { Digest } from '../domain/base/digest.ts';
import type { GrantId, LinkId, MachineId, PersonId, ProjectId, SessionId, TokenId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { Action } from '../domain/access/matrix.ts';
import type { Person } from '../domain/access/person.ts';
import type { Grant, Right } from '../domain/access/role.ts';

export interface NewPerson extends Person {
  readonly createdBy: string;
}

export interface NewGrant extends Grant {
  readonly reason: string | undefined;
}

/** Whom a credential stands for. `person` or `machine`, never both. */
export interface Owner {
  readonly person: PersonId | undefined;
  readonly machine: MachineId | undefined;
}

export interface StoredToken extends Owner {
  readonly id: TokenId;
  readonly secretHash: Digest;
  readonly name: string;
  /** What it is limited to; to nothing when absent. */
  readonly projects: readonly ProjectId[] | undefined;
  readonly actions: readonly Action[] | undefined;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly lastUsedAt: Instant | undefined;
  readonly revokedAt: Instant | undefined;
}

export interface StoredSession {
  readonly id: SessionId;
  readonly secretHash: Digest;
  readonly person: PersonId;
  /** In words, such as `Firefox on Linux`. */
  readonly browser: string | undefined;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly lastUsedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
}

/** A program that a CI system vouches for by claims of its identity tokens. */
export interface Machine {
  readonly id: MachineId;
  /** `machine:` and a name; recorded as the actor. */
  readonly handle: string;
  readonly project: ProjectId;
  readonly issuer: string;
  readonly audience: string;
  /** Every one of them must be in the token, as written. */
  readonly claims: Readonly<Record<string, string>>;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly disabledAt: Instant | undefined;
}

/** A sign-in link, or the code that hands a sign-in over to a command line. */
export interface SignInLink {
  readonly id: LinkId;
  readonly secretHash: Digest;
  readonly person: PersonId;
  /** S256 of a verifier (RFC 7636) that must come along; none when the link is enough. */
  readonly challenge: string | undefined;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly expiresAt: Instant;
  readonly usedAt: Instant | undefined;
}

/** A sign-in that is at an OpenID provider. */
export interface SignInAttempt {
  readonly stateHash: Digest;
  /** Of the browser's cookie. */
  readonly browserHash: Digest;
  readonly nonce: string;
  readonly verifier: string;
  /** For a command line that waits on this machine. */
  readonly handOver: { readonly port: number; readonly state: string; readonly challenge: string } | undefined;
  readonly expiresAt: Instant;
}

export interface AccessTables {
  readonly people: {
    /** False when the handle or one of the addresses is somebody's; the transaction must then not commit. */
    insert(person: NewPerson): Promise<boolean>;
    get(id: PersonId): Promise<Person | undefined>;
    /** Locks the row, and so orders everything that changes this person. */
    lock(id: PersonId): Promise<Person | undefined>;
    byHandle(handle: string): Promise<Person | undefined>;
    /** `email` as `emailOf` writes it. */
    byEmail(email: string): Promise<Person | undefined>;
    /** Who is bound to this name at an OpenID provider. */
    bySubject(issuer: string, subject: string): Promise<Person | undefined>;
    /** False when the name is bound to somebody already, or this person to another name there. */
    bindSubject(binding: { issuer: string; subject: string; person: PersonId; at: Instant }): Promise<boolean>;
    /** By handle. */
    list(): Promise<readonly Person[]>;
    /** True when there is nobody; nobody else can then be added before this transaction ends. */
    lockWhenEmpty(): Promise<boolean>;
    disable(id: PersonId, at: Instant | undefined): Promise<void>;
    /** False when it is somebody's already. */
    addEmail(email: { email: string; person: PersonId; by: string; at: Instant }): Promise<boolean>;
    removeEmail(person: PersonId, email: string): Promise<boolean>;
    /** Forgets name, addresses, names at providers and browsers; the handle stays, since events record it. */
    erase(id: PersonId): Promise<void>;
  };
  readonly grants: {
    insert(grant: NewGrant): Promise<void>;
    get(id: GrantId): Promise<NewGrant | undefined>;
    /** False when it was revoked already. */
    revoke(id: GrantId, by: string, at: Instant): Promise<boolean>;
    /** Newest first; revoked and ended ones too. */
    list(filter: { person?: PersonId; project?: ProjectId; inForceAt?: Instant }): Promise<readonly NewGrant[]>;
    /** What counts now; nothing for a person who is disabled. */
    rightsOf(person: PersonId, now: Instant): Promise<readonly Right[]>;
  };
  readonly tokens: {
    insert(token: StoredToken): Promise<void>;
    get(id: TokenId): Promise<StoredToken | undefined>;
    /** Newest first. */
    list(filter: { person?: PersonId }): Promise<readonly StoredToken[]>;
    revoke(id: TokenId, by: string, at: Instant): Promise<boolean>;
    revokeAllOf(owner: Partial<Owner>, by: string, at: Instant): Promise<number>;
    used(id: TokenId, at: Instant): Promise<void>;
    /** Removes short-lived tokens of machines, expired before `before`. */
    forgetMachines(before: Instant): Promise<void>;
  };
  readonly sessions: {
    insert(session: StoredSession): Promise<void>;
    get(id: SessionId): Promise<StoredSession | undefined>;
    /** Those that are neither ended nor over, newest first. */
    live(filter: { person?: PersonId; now: Instant }): Promise<readonly StoredSession[]>;
    used(id: SessionId, at: Instant): Promise<void>;
    /** False when it was ended before. */
    end(id: SessionId, at: Instant): Promise<boolean>;
    endAllOf(person: PersonId, at: Instant): Promise<number>;
  };
  readonly machines: {
    /** False when the handle is taken. */
    insert(machine: Machine): Promise<boolean>;
    get(id: MachineId): Promise<Machine | undefined>;
    byHandle(handle: string): Promise<Machine | undefined>;
    ofIssuer(issuer: string): Promise<readonly Machine[]>;
    list(): Promise<readonly Machine[]>;
    disable(id: MachineId, at: Instant): Promise<void>;
    /** False when a token with this name was used before. */
    useIdentity(identity: { issuer: string; jti: string; expiresAt: Instant }): Promise<boolean>;
    forgetIdentities(before: Instant): Promise<void>;
  };
  readonly signIns: {
    insertLink(link: SignInLink): Promise<void>;
    getLink(id: LinkId): Promise<SignInLink | undefined>;
    /** False when it was used before: of several at once one wins. */
    useLink(id: LinkId, at: Instant): Promise<boolean>;
    /** Nobody signs in with what was sent to a person who may no longer. */
    dropLinksOf(person: PersonId): Promise<void>;
    insertAttempt(attempt: SignInAttempt): Promise<void>;
    /** Takes it away: it is good once. */
    takeAttempt(stateHash: Digest): Promise<SignInAttempt | undefined>;
    forget(before: Instant): Promise<void>;
  };
}
