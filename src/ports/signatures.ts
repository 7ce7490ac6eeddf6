import type { Instant } from '../domain/base/time.ts';
import type { PublicKey, RegisteredKey, SignatureAnswer, SignedBytes } from '../domain/trigger/signature.ts';

/** Verifies signatures with nothing trusted but the keys it is given. */
export interface Signatures {
  /**
   * One answer for each, in order; never throws for what is wrong with a signature or a key. Keys of OpenPGP
   * that have expired or were revoked are judged at `at`, whatever time the signed object claims.
   */
  verify(signed: readonly SignedBytes[], given: VerifyWith): Promise<readonly SignatureAnswer[]>;
  /**
   * Reads an SSH public key file, an `allowed_signers` file or an armored OpenPGP public key.
   * @throws Failure `input/invalid` that names the line; private keys are refused and never shown.
   */
  readPublicKeys(text: string): Promise<readonly PublicKey[]>;
}

export interface VerifyWith {
  readonly keys: readonly RegisteredKey[];
  /** Our time. */
  readonly at: Instant;
}
