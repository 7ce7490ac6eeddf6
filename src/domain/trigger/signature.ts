/** Signatures and public keys, in the words in which they are judged. */
import type { Instant } from '../base/time.ts';

/** Bytes and what is said to be a signature of them. */
export interface SignedBytes {
  /** Exactly the bytes that were signed. */
  readonly payload: Uint8Array;
  /** Armored, as it was stored; absent when there is none. */
  readonly signature: Uint8Array | undefined;
  /** What an SSH signature must say it was made for; `git` when absent. */
  readonly namespace?: string;
}

export type KeyKind = 'ssh' | 'openpgp';

/** What a registry remembers of a key, and all that verifying needs of it. */
export interface RegisteredKey {
  readonly kind: KeyKind;
  /** SSH: `SHA256:` and 43 characters of base64. OpenPGP: of the primary key, 40 or 64 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** SSH: algorithm and base64, as in a public key file. OpenPGP: one armored public key block. */
  readonly material: string;
}

/** A public key as it was read from what a person gave. */
export interface PublicKey extends RegisteredKey {
  /** `ssh-ed25519`, `rsa-3072`, `ecdsa-sha2-nistp256`, … */
  readonly algorithm: string;
  /** Comment of an SSH key, first user id of an OpenPGP key: a word for people, proof of nothing. */
  readonly comment: string;
  /** From an `allowed_signers` file only. */
  readonly principals?: readonly string[];
  readonly validAfter?: Instant;
  readonly validBefore?: Instant;
}

/** Good means: made by this registered key over exactly these bytes. What the key may do is another question. */
export type SignatureAnswer =
  | { readonly good: true; readonly kind: KeyKind; readonly fingerprint: string }
  | {
      readonly good: false;
      readonly code: SignatureRefusal;
      readonly because: string;
      readonly hint?: string;
      /** The key that the signature names, as far as it names one; unproven unless the code is `SIGNER_UNKNOWN` for an SSH key. */
      readonly fingerprint?: string;
    };

export type SignatureRefusal =
  | 'SIGNATURE_MISSING'
  /** Broken armor or fields, bytes left over, more than one signature in one armor. */
  | 'SIGNATURE_MALFORMED'
  /** Does not belong to these bytes, or was not made by the key it names. */
  | 'SIGNATURE_BAD'
  /** Made for another purpose than the one it is used for. */
  | 'SIGNATURE_NAMESPACE'
  | 'SIGNATURE_FORMAT_UNKNOWN'
  /** X.509 (S/MIME, gitsign). */
  | 'SIGNATURE_X509'
  /** Made with a certificate of an SSH authority instead of a key. */
  | 'SIGNATURE_CERTIFICATE'
  | 'SIGNATURE_ALGORITHM_WEAK'
  | 'SIGNATURE_ALGORITHM_UNSUPPORTED'
  | 'SIGNATURE_KEY_TOO_SMALL'
  /** A security key that was not touched. */
  | 'SIGNATURE_NO_TOUCH'
  /** OpenPGP over normalised text, so that other bytes have the same signature. */
  | 'SIGNATURE_TEXT_MODE'
  | 'SIGNATURE_EXPIRED'
  | 'KEY_EXPIRED'
  | 'KEY_REVOKED'
  /** The key is not among the registered ones. */
  | 'SIGNER_UNKNOWN'
  | 'OPENPGP_UNAVAILABLE'
  /** gpg did not say clearly that the signature is good. */
  | 'OPENPGP_UNCLEAR'
  | 'OPENPGP_TIMEOUT';
