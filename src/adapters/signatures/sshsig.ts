/**
 * SSH signatures of bytes: OpenSSH's PROTOCOL.sshsig, with algorithm names of RFC 8332 (RSA) and PROTOCOL.u2f
 * (security keys). Stricter than `ssh-keygen -Y verify` where that is lenient: one way to write a signature.
 */
import { createHash, constants, verify as verifyBytes } from 'node:crypto';
import { strictBase64Lines } from './base64.ts';
import { malformed, quoted, Refused } from './refused.ts';
import { readSshKey, type SshKey } from './ssh-key.ts';
import { readWire, wireString } from './ssh-wire.ts';

export interface SshSignature {
  readonly key: SshKey;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  /** Name of the algorithm and what it made. */
  readonly algorithm: string;
  readonly value: Buffer;
  /** What a security key adds. */
  readonly flags?: number;
  readonly counter?: Buffer;
}

export const sshArmor = '-----BEGIN SSH SIGNATURE-----';
const armorEnd = '-----END SSH SIGNATURE-----';
const magic = Buffer.from('SSHSIG');

/** @throws Refused */
export function readSshSignature(text: string): SshSignature {
  const lines = text.replace(/\n$/, '').split('\n');
  if (lines.shift() !== sshArmor || lines.pop() !== armorEnd)
    throw malformed('its armor does not begin and end as it must');
  const blob = strictBase64Lines(lines);
  if (!blob.subarray(0, magic.length).equals(magic)) throw malformed('it is not an SSH signature');
  const reader = readWire(blob.subarray(magic.length), 'the signature');
  const version = reader.uint32();
  if (version !== 1)
    throw new Refused('SIGNATURE_ALGORITHM_UNSUPPORTED', `version ${version} of SSH signatures is not known`);
  const key = readSshKey(reader.string());
  const namespace = reader.string().toString('latin1');
  if (reader.string().length > 0) throw malformed('its reserved field is not empty');
  const hash = readHash(reader.name());
  const made = readWire(reader.string(), 'the signature');
  reader.end();
  const algorithm = made.name();
  requireAlgorithm(key, algorithm);
  const value = made.string();
  const touch = key.application === undefined ? {} : { flags: made.byte(), counter: counterOf(made.uint32()) };
  made.end();
  return { key, namespace, hash, algorithm, value, ...touch };
}

/** @throws Refused when it was made for another purpose, or not by its key over exactly these bytes. */
export function verifySshSignature(signature: SshSignature, payload: Uint8Array, namespace: string): void {
  if (signature.namespace !== namespace) {
    throw new Refused(
      'SIGNATURE_NAMESPACE',
      `it was made for ${quoted(signature.namespace)}, not for ${quoted(namespace)}`,
    );
  }
  const signed = Buffer.concat([
    magic,
    wireString(namespace),
    wireString(''),
    wireString(signature.hash),
    wireString(createHash(signature.hash).update(payload).digest()),
  ]);
  if (!isMadeOver(signature, withTouch(signature, signed)))
    throw new Refused('SIGNATURE_BAD', 'its key did not make it over these bytes');
}

function readHash(name: string): 'sha256' | 'sha512' {
  if (name === 'sha256' || name === 'sha512') return name;
  throw new Refused('SIGNATURE_ALGORITHM_UNSUPPORTED', `the hash ${quoted(name)} is not accepted`);
}

function counterOf(counter: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(counter);
  return bytes;
}

function requireAlgorithm(key: SshKey, algorithm: string): void {
  if (key.type === 'ssh-rsa' && algorithm === 'ssh-rsa') {
    throw new Refused(
      'SIGNATURE_ALGORITHM_WEAK',
      'it is an RSA signature over SHA-1',
      'Sign with OpenSSH 8.2 or newer, which uses rsa-sha2-512.',
    );
  }
  const allowed = key.type === 'ssh-rsa' ? ['rsa-sha2-256', 'rsa-sha2-512'] : [key.type];
  if (!allowed.includes(algorithm)) {
    throw new Refused(
      'SIGNATURE_ALGORITHM_UNSUPPORTED',
      `a key of type ${quoted(key.type)} does not make signatures of type ${quoted(algorithm)}`,
    );
  }
}

/** A security key signs its application, its flags and its counter too; bit 0 says that a person touched it. */
function withTouch({ key, flags, counter }: SshSignature, signed: Buffer): Buffer {
  if (key.application === undefined || flags === undefined || counter === undefined) return signed;
  if ((flags & 1) === 0) {
    throw new Refused(
      'SIGNATURE_NO_TOUCH',
      'nobody touched the security key that made it',
      'Make the key without the option no-touch-required.',
    );
  }
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
  return Buffer.concat([sha256(key.application), Buffer.from([flags]), counter, sha256(signed)]);
}

function isMadeOver({ key, algorithm, value }: SshSignature, signed: Buffer): boolean {
  if (key.scheme === 'ed25519') return value.length === 64 && verifyBytes(null, signed, key.key, value);
  if (key.scheme === 'ecdsa')
    return verifyBytes(key.hash, signed, { key: key.key, dsaEncoding: 'ieee-p1363' }, fixedSize(key, value));
  const hash = algorithm === 'rsa-sha2-256' ? 'sha256' : 'sha512';
  return verifyBytes(hash, signed, { key: key.key, padding: constants.RSA_PKCS1_PADDING }, value);
}

/** The two numbers of an ECDSA signature, each as long as the curve. */
function fixedSize(key: SshKey, value: Buffer): Buffer {
  const size = { sha256: 32, sha384: 48, sha512: 66 }[key.hash ?? 'sha256'];
  const reader = readWire(value, 'the signature');
  const numbers = [reader.positive(), reader.positive()];
  reader.end();
  if (numbers.some((number) => number.length > size)) throw malformed('a number of the signature is too large');
  return Buffer.concat(numbers.flatMap((number) => [Buffer.alloc(size - number.length), number]));
}
