/**
 * Whether what somebody brought may be recorded as evidence of a release, and whether it may open a gate. Every check
 * is made and told, each under its own code. A result that says no is recorded too: the latest counts, and hiding a FAIL
 * would leave an older PASS in force.
 */
import type { Digest } from '../base/digest.ts';
import type { EvidenceSignerId, ProjectId } from '../base/id.ts';
import { between, formatDuration, plus, type Duration, type Instant } from '../base/time.ts';
import type { EvidenceKind, Standing, VerdictWord } from './evidence.ts';

/** A machine or tool whose signature Liftlock believes, for some kinds of evidence and some projects. */
export interface EvidenceSigner {
  readonly id: EvidenceSignerId;
  readonly name: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER). */
  readonly key: Digest;
  readonly publicKey: string;
  readonly kinds: readonly EvidenceKind[];
  /** Every project, those to come included, when absent. */
  readonly projects: readonly ProjectId[] | undefined;
  readonly addedBy: string;
  readonly addedAt: Instant;
  readonly expiresAt: Instant | undefined;
  readonly revokedAt: Instant | undefined;
  readonly revokedBy: string | undefined;
}

export interface Submission {
  readonly bytes: number;
  readonly mostBytes: number;
  /** SHA-256 of the content as it came, and the name it was stored under. */
  readonly content: Digest;
  readonly storedAs: Digest | undefined;
  readonly kind: EvidenceKind;
  readonly verdict: VerdictWord;
  /** Absent when nobody signed it. */
  readonly signed: Signed | undefined;
}

export interface Signed {
  /** Whose registered key made one of the signatures; absent when nobody's did. */
  readonly signer: EvidenceSigner | undefined;
  readonly subjects: readonly Digest[];
  readonly commits: readonly string[];
  /** When the signer says the result came about. */
  readonly madeAt: Instant | undefined;
}

export interface ReceivedFor {
  readonly project: ProjectId;
  readonly artifact: Digest;
  readonly commit: string;
  readonly now: Instant;
  /** When the latest attested result of this kind, name and place came, if it was no PASS. */
  readonly deniedAt: Instant | undefined;
}

export const acceptanceCodes = [
  'TOO_LARGE',
  'SIGNER_UNKNOWN',
  'SIGNER_REVOKED',
  'SIGNER_EXPIRED',
  'KIND_NOT_ALLOWED',
  'PROJECT_NOT_ALLOWED',
  'SUBJECT_MISMATCH',
  'COMMIT_MISMATCH',
  'TIME_MISSING',
  'FROM_THE_FUTURE',
  'STALE',
  'OUTDATED',
  'NOT_STORED',
  'NOT_PASS',
] as const;
export type AcceptanceCode = (typeof acceptanceCodes)[number];

export interface Refusal {
  readonly code: AcceptanceCode;
  readonly sentence: string;
}

export interface Accepted {
  readonly standing: Standing;
  /** Nothing that would keep it from being recorded; see `refusals`. */
  readonly recorded: boolean;
  /** Recorded, and its verdict is PASS. */
  readonly opens: boolean;
  readonly refusals: readonly Refusal[];
}

/** How old a signed result may be when it arrives. Afterwards its own expiry counts. */
const mostAge = 86_400_000 as Duration;
/** How far ahead of ours a signer's clock may be. */
const mostAhead = 300_000 as Duration;

export function accept(submission: Submission, received: ReceivedFor): Accepted {
  const { signed, verdict, bytes, mostBytes } = submission;
  const refusals = [
    ...refuseIf(bytes > mostBytes, 'TOO_LARGE', `it has ${bytes} bytes; at most ${mostBytes} are read`),
    ...(signed === undefined ? [] : signatureRefusals(signed, submission.kind, received)),
    ...refuseIf(
      verdict === 'PASS' && isOutdated(signed, received),
      'OUTDATED',
      'it was made before the latest result of this name, which is no PASS; a new run is needed',
    ),
    ...refuseIf(
      submission.storedAs !== submission.content,
      'NOT_STORED',
      'it is not stored under the SHA-256 of its content',
    ),
  ];
  const said = refuseIf(verdict !== 'PASS', 'NOT_PASS', `it says ${verdict}, and only PASS opens a gate`);
  return {
    standing: signed === undefined ? 'claimed' : 'attested',
    recorded: refusals.length === 0,
    opens: refusals.length === 0 && said.length === 0,
    refusals: [...refusals, ...said],
  };
}

function signatureRefusals(signed: Signed, kind: EvidenceKind, received: ReceivedFor): readonly Refusal[] {
  const { subjects, commits } = signed;
  return [
    ...signerRefusals(signed.signer, kind, received),
    ...refuseIf(
      !subjects.includes(received.artifact),
      'SUBJECT_MISMATCH',
      `it is about ${subjects.slice(0, 3).join(', ') || 'no artifact'}, and the artifact of this release is ${received.artifact}`,
    ),
    ...refuseIf(
      commits.some((commit) => commit !== received.commit),
      'COMMIT_MISMATCH',
      `it names the commit ${commits[0]}, and this release was built from ${received.commit}`,
    ),
    ...timeRefusals(signed.madeAt, received.now),
  ];
}

function signerRefusals(
  signer: EvidenceSigner | undefined,
  kind: EvidenceKind,
  { project, now }: ReceivedFor,
): readonly Refusal[] {
  if (signer === undefined) return refuseIf(true, 'SIGNER_UNKNOWN', 'no registered evidence signer has signed it');
  const { name, kinds, projects, expiresAt, revokedAt } = signer;
  return [
    ...refuseIf(revokedAt !== undefined, 'SIGNER_REVOKED', `the signer ${name} was revoked`),
    ...refuseIf(expiresAt !== undefined && expiresAt <= now, 'SIGNER_EXPIRED', `the signer ${name} has expired`),
    ...refuseIf(
      !kinds.includes(kind),
      'KIND_NOT_ALLOWED',
      `the signer ${name} may sign ${kinds.join(', ')}, not ${kind}`,
    ),
    ...refuseIf(
      projects !== undefined && !projects.includes(project),
      'PROJECT_NOT_ALLOWED',
      `the signer ${name} may not sign for this project`,
    ),
  ];
}

/** A PASS that somebody kept back must not come after the FAIL that followed it (R3). */
function isOutdated(signed: Signed | undefined, { deniedAt }: ReceivedFor): boolean {
  return signed?.madeAt !== undefined && deniedAt !== undefined && signed.madeAt < deniedAt;
}

function timeRefusals(madeAt: Instant | undefined, now: Instant): readonly Refusal[] {
  if (madeAt === undefined)
    return refuseIf(true, 'TIME_MISSING', 'it does not say when it was made, so nobody knows whether it is fresh');
  return [
    ...refuseIf(
      madeAt > plus(now, mostAhead),
      'FROM_THE_FUTURE',
      `it was made ${formatDuration(between(now, madeAt))} from now, by our clock`,
    ),
    ...refuseIf(
      between(madeAt, now) > mostAge,
      'STALE',
      `it was made ${formatDuration(between(madeAt, now))} ago; at most ${formatDuration(mostAge)} are allowed`,
    ),
  ];
}

function refuseIf(refused: boolean, code: AcceptanceCode, sentence: string): readonly Refusal[] {
  return refused ? [{ code, sentence }] : [];
}
