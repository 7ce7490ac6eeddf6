/**
 * A key of a person of the demo, which signs as `ssh-keygen -Y sign -n git` does, so that the demo needs no SSH on the machine. The
 * format is that of OpenSSH (PROTOCOL.sshsig): the armored blob names key, namespace and hash; what is signed is the hash of the
 * message within the same frame. Real people sign with their own tools.
 */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export interface SigningKey {
  /** A line for `liftlock signer add`: `ssh-ed25519 AAAA… comment`. */
  readonly publicKey: string;
  /** The armored signature over bytes, for the namespace `git`. */
  sign(message: Uint8Array): string;
  /** The private key, to be kept in a file of its owner's. */
  readonly pem: string;
}

const algorithm = 'ssh-ed25519';
const namespace = 'git';
const hash = 'sha512';
/** Of a raw ed25519 public key in its SPKI encoding (RFC 8410). */
const rawKeyBytes = 32;

export function createSigningKey(comment: string): SigningKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return signingKey(privateKey, comment);
}

export function signingKey(privateKey: KeyObject, comment: string): SigningKey {
  const blob = publicBlob(privateKey);
  return {
    publicKey: `${algorithm} ${blob.toString('base64')} ${comment}`,
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    sign(message) {
      const digest = createHash(hash).update(message).digest();
      const framed = Buffer.concat([Buffer.from('SSHSIG'), ...[namespace, '', hash, digest].map(field)]);
      const signature = Buffer.concat([field(algorithm), field(sign(null, framed, privateKey))]);
      const version = Buffer.from([0, 0, 0, 1]);
      return armored(
        Buffer.concat([Buffer.from('SSHSIG'), version, ...[blob, namespace, '', hash, signature].map(field)]),
      );
    },
  };
}

function publicBlob(privateKey: KeyObject): Buffer {
  const { x } = privateKey.export({ format: 'jwk' }) as { x: string };
  const raw = Buffer.from(x, 'base64url');
  if (raw.length !== rawKeyBytes) throw new TypeError('not an ed25519 key');
  return Buffer.concat([field(algorithm), field(raw)]);
}

/** A string of the SSH protocol: four bytes of length, then the bytes (RFC 4251, 5). */
function field(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function armored(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n');
}
