import type { Digest, Json } from '../domain/base/digest.ts';
import type { Instant } from '../domain/base/time.ts';
import type { Evidence, EvidenceKind } from '../domain/release/evidence.ts';
import type { Reading } from '../domain/release/reading.ts';

/** Signed statements about artifacts: DSSE envelopes around in-toto statements. */
export interface Attestations {
  /** The key of this installation; its private half never leaves the machine. */
  readonly key: PublicKey;
  /** The statement that this result came about, signed by this installation. */
  attest(result: Attested): Uint8Array;
  /** `undefined` when the content is no envelope at all. What an envelope holds is read whether or not anybody knows its signer. */
  open(content: Uint8Array): Promise<Envelope | undefined>;
  /** A public key as people have it (PEM; Ed25519 or ECDSA P-256). @throws Failure `input/invalid`. */
  readKey(text: string): PublicKey;
}

export interface PublicKey {
  /** SHA-256 of its SubjectPublicKeyInfo (DER). */
  readonly id: Digest;
  /** PEM. */
  readonly publicKey: string;
}

export interface Attested {
  readonly evidence: Omit<Evidence, 'envelope'>;
  /** Its name. */
  readonly environment: string | undefined;
  /** How a build came about; of a `build` only. */
  readonly build?: { readonly [key: string]: Json } & { readonly startedAt: Instant };
}

export interface Envelope {
  /** SHA-256 of the payload: the same for the same statement, whoever signed and wrapped it. */
  readonly payload: Digest;
  isSignedBy(key: PublicKey): boolean;
  readonly statement: Statement | { readonly problem: string };
}

export interface Statement {
  readonly problem?: undefined;
  readonly predicateType: string;
  /** SHA-256 digests of what it is about. */
  readonly subjects: readonly Digest[];
  readonly commits: readonly string[];
  /** What this kind of predicate can be evidence of; the first unless somebody says otherwise. */
  readonly kinds: readonly [EvidenceKind, ...EvidenceKind[]];
  /** Both are part of what was signed; absent when it says nothing of them. */
  readonly name: string | undefined;
  readonly environment: string | undefined;
  readonly madeAt: Instant | undefined;
  readonly reading: Reading;
  /** The verdict that Liftlock recorded, in a statement of its own. */
  readonly recorded: string | undefined;
}
