/** SSH keys and signatures as OpenSSH makes them, and as somebody makes them who wants to get past us. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;

export interface Signer {
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: string;
  sign(payload: string | Buffer, options?: SignOptions): string;
}

export interface SignOptions {
  readonly namespace?: string;
  readonly hash?: string;
}

/** A key of ssh-keygen in the directory. */
export function opensshSigner(directory: string, name: string, options: readonly string[]): Signer {
  const file = join(directory, name);
  execFileSync('ssh-keygen', ['-q', ...options, '-N', '', '-C', name, '-f', file]);
  return { publicKey: publicKeyIn(`${file}.pub`), sign: (payload, how) => opensshSign(file, payload, how) };
}

function publicKeyIn(file: string): string {
  return readFileSync(file, 'utf8').split(' ').slice(0, 2).join(' ').trim();
}

export function opensshSign(
  file: string,
  payload: string | Buffer,
  { namespace = 'git', hash }: SignOptions = {},
): string {
  const algorithm = hash === undefined ? [] : ['-O', `hashalg=${hash}`];
  return execFileSync('ssh-keygen', ['-q', '-Y', 'sign', ...algorithm, '-n', namespace, '-f', file], {
    input: payload,
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString();
}

/** Whether ssh-keygen accepts it from this key. */
export function opensshVerifies(
  directory: string,
  given: { publicKey: string; payload: string | Buffer; signature: string },
): boolean {
  const allowed = join(directory, 'allowed_signers');
  const file = join(directory, 'signature');
  writeFileSync(allowed, `ada ${given.publicKey}\n`);
  writeFileSync(file, given.signature);
  const verify = ['-q', '-Y', 'verify', '-f', allowed, '-I', 'ada', '-n', 'git', '-s', file];
  return spawnSync('ssh-keygen', verify, { input: given.payload, timeout: 10_000 }).status === 0;
}

export function wire(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string, 'latin1');
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function mpint(number: Buffer): Buffer {
  const start = number.findIndex((byte) => byte !== 0);
  const short = start < 0 ? Buffer.alloc(0) : number.subarray(start);
  return wire((short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), short]) : short);
}

/** Every field of an SSH signature, to be changed one by one. */
export interface SignatureFields {
  readonly magic: string;
  readonly version: number;
  readonly key: Buffer;
  readonly namespace: string;
  readonly reserved: string;
  readonly hash: string;
  readonly algorithm: string;
  readonly value: Buffer;
  readonly after: Buffer;
  readonly afterValue: Buffer;
}

function encodeSignature(fields: SignatureFields): Buffer {
  const { magic, version, key, namespace, reserved, hash, algorithm, value, after, afterValue } = fields;
  return Buffer.concat([
    Buffer.from(magic),
    uint32(version),
    wire(key),
    wire(namespace),
    wire(reserved),
    wire(hash),
    wire(Buffer.concat([wire(algorithm), wire(value), afterValue])),
    after,
  ]);
}

export function armored(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}

export function dearmored(text: string): Buffer {
  return Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');
}

function signedData(payload: string | Buffer, fields: { namespace: string; reserved: string; hash: string }): Buffer {
  return Buffer.concat([
    Buffer.from('SSHSIG'),
    wire(fields.namespace),
    wire(fields.reserved),
    wire(fields.hash),
    wire(createHash(fields.hash).update(payload).digest()),
  ]);
}

export interface OwnKey {
  readonly blob: Buffer;
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  /** Makes a signature whose fields may be wrong, but which its key did make over what those fields say. */
  forge(payload: string, changes?: Partial<SignatureFields>): string;
}

export function ownEd25519(): OwnKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
  const blob = Buffer.concat([wire('ssh-ed25519'), wire(point)]);
  return ownKey({ privateKey, blob, algorithm: 'ssh-ed25519', make: (data) => signBytes(null, data, privateKey) });
}

export function ownRsa(bits: number, algorithm = 'rsa-sha2-512'): OwnKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([wire('ssh-rsa'), mpint(Buffer.from(e, 'base64url')), mpint(Buffer.from(n, 'base64url'))]);
  const hash = { 'ssh-rsa': 'sha1', 'rsa-sha2-256': 'sha256' }[algorithm] ?? 'sha512';
  return ownKey({ privateKey, blob, algorithm, make: (data) => signBytes(hash, data, privateKey) });
}

function ownKey(given: {
  privateKey: KeyObject;
  blob: Buffer;
  algorithm: string;
  make: (data: Buffer) => Buffer;
}): OwnKey {
  const { privateKey, blob, algorithm, make } = given;
  const forge: OwnKey['forge'] = (payload, changes = {}) => {
    const fields = { ...soundFields, key: blob, algorithm, ...changes };
    const known = ['sha256', 'sha512', 'sha1', 'sha384', 'md5'].includes(fields.hash);
    const value = known ? make(signedData(payload, fields)) : make(Buffer.from(payload));
    return armored(encodeSignature({ ...fields, value, ...changes }));
  };
  return { blob, publicKey: `${typeIn(blob)} ${blob.toString('base64')}`, privateKey, forge };
}

const soundFields = {
  magic: 'SSHSIG',
  version: 1,
  namespace: 'git',
  reserved: '',
  hash: 'sha512',
  value: Buffer.alloc(0),
  after: Buffer.alloc(0),
  afterValue: Buffer.alloc(0),
};

function typeIn(blob: Buffer): string {
  return blob.toString('latin1', 4, 4 + blob.readUInt32BE(0));
}

/** What a security key does, without one: ssh-keygen checks such signatures like any other. */
export function securityKey(kind: 'ed25519' | 'ecdsa', flags = 1): Signer & { readonly blob: Buffer } {
  const application = 'ssh:';
  const isEcdsa = kind === 'ecdsa';
  const pair = isEcdsa ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const jwk = pair.publicKey.export({ format: 'jwk' });
  const point = (name: 'x' | 'y') => Buffer.from(jwk[name] ?? '', 'base64url');
  const type = isEcdsa ? 'sk-ecdsa-sha2-nistp256@openssh.com' : 'sk-ssh-ed25519@openssh.com';
  const body = isEcdsa
    ? [wire('nistp256'), wire(Buffer.concat([Buffer.from([4]), point('x'), point('y')]))]
    : [wire(point('x'))];
  const blob = Buffer.concat([wire(type), ...body, wire(application)]);
  const sign: Signer['sign'] = (payload, { namespace = 'git', hash = 'sha512' } = {}) => {
    const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();
    const touch = Buffer.concat([Buffer.from([flags]), uint32(7)]);
    const data = Buffer.concat([
      sha256(application),
      touch,
      sha256(signedData(payload, { namespace, reserved: '', hash })),
    ]);
    const made = isEcdsa
      ? signBytes('sha256', data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
      : signBytes(null, data, pair.privateKey);
    const value = isEcdsa ? Buffer.concat([mpint(made.subarray(0, 32)), mpint(made.subarray(32))]) : made;
    return armored(
      encodeSignature({ ...soundFields, key: blob, namespace, hash, algorithm: type, value, afterValue: touch }),
    );
  };
  return { publicKey: `${type} ${blob.toString('base64')}`, blob, sign };
}
