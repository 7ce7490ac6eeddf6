/** What the store keeps of keys, of the main branch as far as it is verified, and of what was judged. */
import type { Digest } from '../domain/base/digest.ts';
import type { AcceptanceId, JudgementId, PersonId, ProjectId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { SignatureMode } from '../domain/pipeline/trust.ts';
import type { Basis, Check } from '../domain/trigger/check.ts';
import type { MainCommit, Rewound } from '../domain/trigger/main-commit.ts';
import type { PublicKey } from '../domain/trigger/signature.ts';
import type { Revocation, Signer } from '../domain/trigger/signer.ts';
import type { VersionTag } from '../domain/trigger/version-tag.ts';

export interface StoredSigner extends Signer, Pick<PublicKey, 'material' | 'algorithm' | 'comment'> {
  readonly addedBy: string;
}

export interface MainLine {
  readonly project: ProjectId;
  readonly ref: string;
  readonly root: string;
  readonly baseline: { readonly commit: string; readonly by: string; readonly at: Instant };
  readonly verified: string;
  readonly rewound: Rewound | undefined;
}

export interface StoredAcceptance {
  readonly id: AcceptanceId;
  readonly project: ProjectId;
  readonly commit: string;
  readonly tree: string;
  readonly person: PersonId;
  readonly reason: string;
  readonly at: Instant;
}

/** What was found of an object, and what it was judged to be. */
export type Found =
  | { readonly class: 'staging'; readonly found: MainCommit }
  | { readonly class: 'production'; readonly found: VersionTag };

export type StoredJudgement = Found & {
  readonly id: JudgementId;
  readonly project: ProjectId;
  readonly ref: string;
  readonly object: string;
  /** Absent for a tag that names no commit. */
  readonly commit: string | undefined;
  readonly mode: Exclude<SignatureMode, 'none'>;
  readonly accepted: boolean;
  readonly basis: Basis | undefined;
  readonly checks: readonly Check[];
  readonly fingerprint: string | undefined;
  readonly payload: Digest | undefined;
  /** Of the registry whose keys it was inspected with. */
  readonly registryVersion: number;
  /** Of the registry when it was judged; empty when it has to be judged again whatever the registry is. */
  readonly standing: string;
  readonly policy: Digest;
  readonly onMain: boolean;
  readonly seenAt: Instant;
  readonly judgedAt: Instant;
  readonly acceptedAt: Instant | undefined;
};

export type OutdatedJudgement = StoredJudgement & { readonly seq: number };

export interface RegistryState {
  /** Grows with every key added or revoked. */
  readonly version: number;
  /** Different whenever keys, roles, acceptances or the state of main that bear on this project are. Never empty. */
  readonly standing: string;
}

export interface TrustTables {
  readonly signers: {
    /** False when the key is in the registry already, revoked or not. */
    insert(signer: StoredSigner): Promise<boolean>;
    get(fingerprint: string): Promise<StoredSigner | undefined>;
    /** By owner, then by the time at which they were added. */
    list(): Promise<readonly StoredSigner[]>;
    /** False when there is no such key, or it was revoked before. */
    revoke(fingerprint: string, revocation: Revocation): Promise<boolean>;
    stateFor(project: ProjectId, now: Instant): Promise<RegistryState>;
  };
  readonly mainLines: {
    get(project: ProjectId, ref: string): Promise<MainLine | undefined>;
    put(line: MainLine): Promise<void>;
    addVerified(entry: {
      project: ProjectId;
      commit: string;
      how: 'baseline' | 'acknowledged' | 'accepted';
      at: Instant;
    }): Promise<void>;
    isVerified(project: ProjectId, commit: string): Promise<boolean>;
  };
  readonly firstSeen: {
    /** What is listed already stays as it is. */
    insert(seen: { project: ProjectId; ref: string; commits: readonly string[]; at: Instant }): Promise<void>;
    of(
      project: ProjectId,
      commits: readonly string[],
    ): Promise<ReadonlyMap<string, { readonly ref: string; readonly at: Instant }>>;
  };
  readonly acceptances: {
    /** False when this person has accepted this commit before. */
    insert(acceptance: StoredAcceptance): Promise<boolean>;
    /** Newest first. */
    of(project: ProjectId, commit: string): Promise<readonly StoredAcceptance[]>;
  };
  readonly judgements: {
    put(judgement: StoredJudgement): Promise<void>;
    get(project: ProjectId, ref: string, object: string): Promise<StoredJudgement | undefined>;
    ofCommit(project: ProjectId, commit: string): Promise<readonly StoredJudgement[]>;
    /** Of the commits judged on a branch, two at most whose ids begin so. */
    beginning(project: ProjectId, ref: string, text: string): Promise<readonly StoredJudgement[]>;
    /** Commits that were judged, two at most whose ids begin so. */
    commitsBeginning(project: ProjectId, text: string): Promise<readonly string[]>;
    ofRefs(project: ProjectId, refs: readonly string[]): Promise<readonly StoredJudgement[]>;
    /** Oldest first; at most the newest `limit`. */
    newest(project: ProjectId, limit: number): Promise<readonly StoredJudgement[]>;
    /** Of a class, those that were judged under another standing or policy than these, in the order in which they came. */
    outdated(
      project: ProjectId,
      now: Pick<StoredJudgement, 'class' | 'standing' | 'policy'>,
      page: { after: number; limit: number },
    ): Promise<readonly OutdatedJudgement[]>;
    /** Which of these were judged; each as `ref object`. */
    judged(
      project: ProjectId,
      objects: readonly Pick<StoredJudgement, 'ref' | 'object'>[],
    ): Promise<ReadonlySet<string>>;
    /** What rests on a commit of main is judged again: the commits that continue it, and its tags. */
    outdate(project: ProjectId, commit: string): Promise<void>;
    /** Everybody whose key signed one of these commits of main, whatever it was judged to be, or who accepted one; each person with one commit. */
    signersOf(
      project: ProjectId,
      commits: readonly string[],
    ): Promise<readonly { readonly handle: string; readonly commit: string }[]>;
    /** Everything that a key signed, with its project. */
    ofSigner(fingerprint: string): Promise<readonly StoredJudgement[]>;
    /** Another object with the same signed bytes, accepted before. */
    replayOf(project: ProjectId, payload: Digest, object: string): Promise<string | undefined>;
    /** Tags accepted before `tag` was (or now, when it never was), and those that were there at the first look. */
    releasedBefore(project: ProjectId, ref: string): Promise<readonly string[]>;
    /** Of the commits judged on `ref`, exactly these are still part of main. Those for which that is new are judged again. */
    setOnMain(project: ProjectId, ref: string, commits: readonly string[]): Promise<void>;
  };
}
