/** Keys of evidence: this installation's own, and those of registered signers. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Digest } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { PublicKey } from '../../ports/attestations.ts';

/** PKCS #8 of an Ed25519 key (RFC 8410), up to its 32 bytes. */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 key that 32 secret bytes are. */
export function privateKeyOf(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new RangeError(`an Ed25519 key has 32 bytes, not ${seed.length}`);
  return createPrivateKey({ key: Buffer.concat([ed25519Prefix, seed]), format: 'der', type: 'pkcs8' });
}

export function publicHalfOf(key: KeyObject): PublicKey {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  const der = half.export({ type: 'spki', format: 'der' });
  const pem = half.export({ type: 'spki', format: 'pem' }).toString();
  return { id: `sha256:${createHash('sha256').update(der).digest('hex')}` as Digest, publicKey: pem };
}

const mostCharacters = 10_000;

/** @throws Failure `input/invalid` for what is no public key, or one of a kind that Liftlock does not verify. */
export function readPublicKey(text: string): PublicKey {
  if (/PRIVATE KEY/.test(text))
    throw new Failure('input/invalid', 'this is a private key', {
      hint: 'Keep it where it is. The public half: openssl pkey -in key.pem -pubout',
    });
  let key: KeyObject;
  try {
    key = createPublicKey(text.slice(0, mostCharacters));
  } catch (error) {
    throw new Failure('input/invalid', 'this is no public key in PEM', {
      hint: 'It begins with -----BEGIN PUBLIC KEY-----: openssl pkey -in key.pem -pubout',
      cause: error,
    });
  }
  if (algorithmOf(key) === undefined)
    throw new Failure('input/invalid', `keys of type ${key.asymmetricKeyType} cannot sign evidence`, {
      hint: 'Ed25519 (openssl genpkey -algorithm ed25519) or ECDSA with P-256.',
    });
  return publicHalfOf(key);
}

/** What `crypto.verify` is told to hash with; `undefined` for a kind of key that is not believed. */
export function algorithmOf(key: KeyObject): { readonly hash: 'sha256' | null } | undefined {
  if (key.asymmetricKeyType === 'ed25519') return { hash: null };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  return key.asymmetricKeyType === 'ec' && curve === 'prime256v1' ? { hash: 'sha256' } : undefined;
}
