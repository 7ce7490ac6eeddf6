/** Who signed, as far as our own registry knows: a key stands for a person, or for a platform, and never for a name in a commit. */
import type { PersonId } from '../base/id.ts';
import { isoTime, type Instant } from '../base/time.ts';
import type { Role } from '../access/role.ts';
import { failed, passed, undetermined, type Check, type Looked } from './check.ts';
import type { KeyKind, SignatureAnswer } from './signature.ts';

export interface Signer {
  readonly fingerprint: string;
  readonly kind: KeyKind;
  readonly owner:
    | { readonly by: 'person'; readonly person: PersonId; readonly handle: string; readonly disabled: boolean }
    /** A hosting platform's key says only that the platform made the object. */
    | { readonly by: 'platform'; readonly platform: string };
  readonly addedAt: Instant;
  readonly expiresAt: Instant | undefined;
  readonly revoked: Revocation | undefined;
}

/** Final: a key that was revoked once is never added again. */
export interface Revocation {
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
}

/** A signer with the roles that its person holds on the project now. */
export interface SignerWithRoles extends Signer {
  readonly roles: readonly Role[];
}

/** The role whose holders make this kind of event, and the refusal of everybody else. */
export const signingRoles = {
  maintainer: 'SIGNER_NOT_MAINTAINER',
  'release-manager': 'SIGNER_NOT_RELEASE_MANAGER',
} as const;
export type SigningRole = keyof typeof signingRoles;

export interface SignatureQuestion {
  /** `commit 4f2a…`, `tag v1.2.0`: for sentences. */
  readonly what: string;
  readonly signature: Looked<SignatureAnswer>;
  /** Absent when the key is not in the registry. */
  readonly signer: SignerWithRoles | undefined;
  readonly role: SigningRole;
  readonly now: Instant;
}

/** One check after the other; the first that fails is the last that is told, since the others would be about a key nobody knows. */
export function signatureChecks(question: SignatureQuestion): readonly Check[] {
  return goodChecks(question, (signer) => personChecks(question, signer));
}

/** For what a platform made: nothing is said about a person. */
export function platformChecks(question: Omit<SignatureQuestion, 'role'>): readonly Check[] {
  return goodChecks(question, (signer) =>
    signer.owner.by === 'platform'
      ? [
          passed('SIGNER_UNKNOWN', `${signer.fingerprint} is a key of the platform ${signer.owner.platform}`),
          ...untilFailed([() => notRevoked(signer), () => notExpired(signer, question.now)]),
        ]
      : [unknownSigner(question.what, signer.fingerprint)],
  );
}

function goodChecks(
  { what, signature, signer }: Omit<SignatureQuestion, 'role'>,
  standing: (signer: SignerWithRoles) => readonly Check[],
): readonly Check[] {
  if (!signature.known) return [undetermined(`the signature of ${what}`, signature.because)];
  if (!signature.value.good) return [refusedSignature(what, signature.value)];
  const { kind, fingerprint } = signature.value;
  const good = passed('UNSIGNED', `${what} carries one good ${name(kind)} signature`);
  return signer?.fingerprint === fingerprint ? [good, ...standing(signer)] : [good, unknownSigner(what, fingerprint)];
}

function personChecks({ what, role, now }: SignatureQuestion, signer: SignerWithRoles): readonly Check[] {
  const { owner } = signer;
  if (owner.by === 'platform') {
    return [
      passed('SIGNER_UNKNOWN', `${signer.fingerprint} is in the registry`),
      failed(
        'PLATFORM_SIGNATURE',
        `${what} is signed by the platform ${owner.platform}, which says that the platform made it and nothing about who wanted it`,
        'merge locally with a signature of your own, or write trust: { signatures: hosted } and accept it in Liftlock',
      ),
    ];
  }
  return [
    passed('SIGNER_UNKNOWN', `${signer.fingerprint} is a key of ${owner.handle}`),
    ...untilFailed([
      () => notRevoked(signer),
      () => notExpired(signer, now),
      () => enabled(owner),
      () => holds(signer, owner.handle, role),
    ]),
  ];
}

function untilFailed(checks: readonly (() => Check)[]): readonly Check[] {
  const told: Check[] = [];
  for (const check of checks) {
    told.push(check());
    if (told.at(-1)?.passed !== true) break;
  }
  return told;
}

function notRevoked({ fingerprint, revoked }: Signer): Check {
  if (revoked === undefined) return passed('SIGNER_REVOKED', 'the key was not revoked');
  return failed(
    'SIGNER_REVOKED',
    `${fingerprint} was revoked by ${revoked.by} at ${isoTime(revoked.at)}: ${revoked.reason}`,
    'sign again with a key that is in force; what a revoked key signed starts nothing any more',
  );
}

/** At our time: what an object claims about its own age does not count. */
function notExpired({ fingerprint, expiresAt }: Signer, now: Instant): Check {
  if (expiresAt === undefined) return passed('SIGNER_EXPIRED', 'the key does not expire');
  if (now < expiresAt) return passed('SIGNER_EXPIRED', `the key is good until ${isoTime(expiresAt)}`);
  return failed(
    'SIGNER_EXPIRED',
    `${fingerprint} was good until ${isoTime(expiresAt)}`,
    'sign again with a key that is in force: liftlock signer add',
  );
}

function enabled(owner: Signer['owner'] & { readonly by: 'person' }): Check {
  if (!owner.disabled) return passed('SIGNER_DISABLED', `${owner.handle} may sign in`);
  return failed('SIGNER_DISABLED', `${owner.handle} is disabled`, 'somebody who still works here has to sign it');
}

function holds(signer: SignerWithRoles, handle: string, role: SigningRole): Check {
  const code = signingRoles[role];
  if (signer.roles.includes(role)) return passed(code, `${handle} is ${role} of this project`);
  const has = signer.roles.length === 0 ? 'has no role here' : `is ${signer.roles.join(', ')} here`;
  return failed(
    code,
    `${handle} ${has}, and not ${role}`,
    `liftlock grant add ${handle} ${role}, or have a ${role} sign it`,
  );
}

function unknownSigner(what: string, fingerprint: string): Check {
  return failed(
    'SIGNER_UNKNOWN',
    `${what} is signed with ${fingerprint === '' ? 'a key' : fingerprint}, which is not in the registry`,
    'liftlock signer list shows the keys; liftlock signer add <person> <file> adds one',
  );
}

function refusedSignature(what: string, answer: SignatureAnswer & { readonly good: false }): Check {
  if (answer.code === 'SIGNATURE_MISSING') {
    return failed(
      'UNSIGNED',
      `${what} carries no signature`,
      'git config commit.gpgSign true, and see docs/guides/signing.md',
    );
  }
  if (answer.code === 'SIGNER_UNKNOWN') return unknownSigner(what, answer.fingerprint ?? '');
  const hint = answer.hint ?? 'sign it again with a key that is in the registry';
  return failed(answer.code, `the signature of ${what} does not count: ${answer.because}`, hint);
}

function name(kind: KeyKind): string {
  return kind === 'ssh' ? 'SSH' : 'OpenPGP';
}
