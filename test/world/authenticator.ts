/** A passkey made of software: what a browser with a key would answer, so that servers can be tried without either. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export interface Authenticator {
  readonly id: string;
  readonly publicKey: KeyObject;
  /** Answers `navigator.credentials.create`. */
  create(options: { readonly challenge: string }, origin: string): object;
  /** Answers `navigator.credentials.get`. */
  get(options: { readonly challenge: string }, origin: string, changes?: { verified?: boolean }): object;
}

const present = 0x01;
const verified = 0x04;
const attested = 0x40;

/** A P-256 key with a counter, attestation "none" (WebAuthn, sections 6.1 and 8.7). */
export function createAuthenticator(): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  const jwk = publicKey.export({ format: 'jwk' });
  // COSE_Key: kty EC2, alg ES256, crv P-256, x, y.
  const cose = map([
    [int(1), int(2)],
    [int(3), int(-7)],
    [int(-1), int(1)],
    [int(-2), bytes(Buffer.from(jwk.x!, 'base64url'))],
    [int(-3), bytes(Buffer.from(jwk.y!, 'base64url'))],
  ]);
  let counter = 0;
  const data = (origin: string, flags: number, credential = Buffer.alloc(0)): Buffer => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(++counter);
    const host = createHash('sha256').update(new URL(origin).hostname).digest();
    return Buffer.concat([host, Buffer.from([flags]), count, credential]);
  };
  const named = { id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key' };
  const rest = { clientExtensionResults: {}, authenticatorAttachment: 'platform' };
  return {
    id: named.id,
    publicKey,
    create({ challenge }, origin) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const credential = Buffer.concat([Buffer.alloc(16), length, id, cose]);
      const attestation = map([
        [text('fmt'), text('none')],
        [text('attStmt'), map([])],
        [text('authData'), bytes(data(origin, present | verified | attested, credential))],
      ]);
      const clientDataJSON = clientData('webauthn.create', challenge, origin).toString('base64url');
      const response = {
        clientDataJSON,
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      };
      return { ...named, ...rest, response };
    },
    get({ challenge }, origin, changes = {}) {
      const client = clientData('webauthn.get', challenge, origin);
      const authenticator = data(origin, changes.verified === false ? present : present | verified);
      const signed = Buffer.concat([authenticator, createHash('sha256').update(client).digest()]);
      const response = {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authenticator.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
      };
      return { ...named, ...rest, response };
    },
  };
}

function clientData(type: string, challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

/** CBOR (RFC 8949), as much as is needed: the kind in the high three bits, then a length or a number. */
function head(kind: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(kind << 5) | value]);
  if (value < 256) return Buffer.from([(kind << 5) | 24, value]);
  return Buffer.from([(kind << 5) | 25, value >> 8, value & 255]);
}

function int(value: number): Buffer {
  return value < 0 ? head(1, -1 - value) : head(0, value);
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([head(2, value.length), value]);
}

function text(value: string): Buffer {
  return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
}

function map(entries: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([head(5, entries.length), ...entries.flat()]);
}
