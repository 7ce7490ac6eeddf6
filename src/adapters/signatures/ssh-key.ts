/**
 * SSH public keys in the form of RFC 4253 section 6.6, RFC 5656 (ECDSA), RFC 8709 (Ed25519) and OpenSSH's
 * PROTOCOL.u2f (security keys).
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { malformed, quoted, Refused } from './refused.ts';
import { readWire, type WireReader } from './ssh-wire.ts';

export interface SshKey {
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  /** The name in front of it, in a public key file. */
  readonly type: string;
  /** The name for people, with the size where there are several. */
  readonly algorithm: string;
  readonly key: KeyObject;
  readonly scheme: 'ed25519' | 'ecdsa' | 'rsa';
  /** Hash of ECDSA; that of RSA is chosen by each signature. */
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
  /** Set for security keys: the application that a signature was asked for. */
  readonly application?: Buffer;
}

const curves: Readonly<Record<string, { crv: string; bytes: number; hash: 'sha256' | 'sha384' | 'sha512' }>> = {
  nistp256: { crv: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { crv: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { crv: 'P-521', bytes: 66, hash: 'sha512' },
};
const smallestRsaBits = 2048;
const largestRsaBits = 16_384;

type Body = Omit<SshKey, 'fingerprint' | 'type'>;

/** @throws Refused for a key that is malformed, of an unknown type, a certificate, or too weak. */
export function readSshKey(blob: Buffer): SshKey {
  const reader = readWire(blob, 'the key');
  const type = reader.name();
  const body = readBody(type, reader);
  reader.end();
  return { fingerprint: fingerprintOf(blob), type, ...body };
}

function readBody(type: string, reader: WireReader): Body {
  if (/-cert-v\d+@/.test(type)) {
    throw new Refused(
      'SIGNATURE_CERTIFICATE',
      `it was made with an SSH certificate (${quoted(type)}), and certificates are not accepted`,
      'Sign with the key itself, and register that key.',
    );
  }
  if (type === 'ssh-ed25519') return readEd25519(reader);
  if (type === 'ssh-rsa') return readRsa(reader);
  if (type.startsWith('ecdsa-sha2-')) return readEcdsa(type.slice('ecdsa-sha2-'.length), reader);
  if (type === 'sk-ssh-ed25519@openssh.com')
    return { ...readEd25519(reader), ...readApplication('sk-ed25519', reader) };
  if (type === 'sk-ecdsa-sha2-nistp256@openssh.com')
    return { ...readEcdsa('nistp256', reader), ...readApplication('sk-ecdsa-nistp256', reader) };
  if (type === 'ssh-dss') throw new Refused('SIGNATURE_ALGORITHM_WEAK', 'DSA keys are not accepted', newKeyHint);
  throw new Refused('SIGNATURE_ALGORITHM_UNSUPPORTED', `keys of type ${quoted(type)} are not supported`, newKeyHint);
}

const newKeyHint = 'Make a new key: ssh-keygen -t ed25519.';

function readEd25519(reader: WireReader): Body {
  const point = reader.string();
  if (point.length !== 32) throw malformed('an Ed25519 key has 32 bytes, this one has not');
  if (isSmallOrder(point))
    throw new Refused('SIGNATURE_ALGORITHM_WEAK', 'for this Ed25519 key anybody can make signatures', newKeyHint);
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') }, format: 'jwk' });
  return { algorithm: 'ed25519', key, scheme: 'ed25519' };
}

/**
 * The points of order 1, 2, 4 and 8 in all their encodings; the sign bit does not matter. (List: libsodium,
 * ge25519_has_small_order.)
 */
const smallOrder: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function isSmallOrder(point: Buffer): boolean {
  const unsigned = Buffer.from(point);
  unsigned[31]! &= 0x7f;
  return smallOrder.has(unsigned.toString('hex'));
}

function readEcdsa(named: string, reader: WireReader): Body {
  const curve = Object.hasOwn(curves, named) ? curves[named] : undefined;
  if (curve === undefined)
    throw new Refused('SIGNATURE_ALGORITHM_UNSUPPORTED', `the curve ${quoted(named)} is not supported`, newKeyHint);
  if (reader.name() !== named) throw malformed('the key names two curves');
  const point = reader.string();
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw malformed('the point of the key has another form');
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)];
  const jwk = { kty: 'EC', crv: curve.crv, x: x.toString('base64url'), y: y.toString('base64url') };
  return { algorithm: `ecdsa-${named}`, key: importKey(jwk), scheme: 'ecdsa', hash: curve.hash };
}

function readRsa(reader: WireReader): Body {
  const exponent = reader.positive();
  const modulus = reader.positive();
  const bits = bitsOf(modulus);
  if (bits < smallestRsaBits)
    throw new Refused('SIGNATURE_KEY_TOO_SMALL', `an RSA key of ${bits} bits is too small`, newKeyHint);
  if (bits > largestRsaBits)
    throw new Refused('SIGNATURE_ALGORITHM_UNSUPPORTED', `an RSA key of ${bits} bits is too large`, newKeyHint);
  const isOdd = (number: Buffer) => ((number.at(-1) ?? 0) & 1) === 1;
  if (!isOdd(modulus) || !isOdd(exponent) || exponent.length > 8 || bitsOf(exponent) < 2)
    throw malformed('the numbers of the RSA key cannot be');
  const jwk = { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') };
  return { algorithm: `rsa-${bits}`, key: importKey(jwk), scheme: 'rsa' };
}

function readApplication(algorithm: string, reader: WireReader): { algorithm: string; application: Buffer } {
  const application = reader.string();
  if (!application.toString('latin1').startsWith('ssh:'))
    throw malformed('the security key was not made for SSH, but for a web site or another application');
  return { algorithm, application };
}

function importKey(jwk: Readonly<Record<string, string>>): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw malformed('the numbers of the key are not those of a key');
  }
}

function bitsOf(number: Buffer): number {
  return number.length === 0 ? 0 : number.length * 8 - (Math.clz32(number[0]!) - 24);
}

function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
