/**
 * DSSE 1.0 (secure-systems-lab/dsse, protocol.md and envelope.md): a payload and signatures over its type and bytes.
 * The key id of a signature is only a hint and is not looked at; whose signature it is, verification tells.
 */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { PublicKey } from '../../ports/attestations.ts';
import { at, isList, isObject } from './json-value.ts';
import { algorithmOf } from './keys.ts';

export const statementMedia = 'application/vnd.in-toto+json';

export interface Sealed {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

const mostSignatures = 16;

/** What is signed. Lengths are in bytes, so that no two pairs of type and payload read the same. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/** The envelope as JSON, with one signature. */
export function seal(payload: Uint8Array, key: KeyObject, keyId: string): Uint8Array {
  const signature = sign(algorithmOf(key)!.hash, preAuthEncoding(statementMedia, payload), key);
  const envelope = {
    payloadType: statementMedia,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: keyId, sig: signature.toString('base64') }],
  };
  return Buffer.from(`${JSON.stringify(envelope)}\n`);
}

/** True for what calls itself an envelope, right or wrong. */
export function looksSealed(value: unknown): boolean {
  return isObject(value) && at(value, 'payloadType') !== undefined && at(value, 'payload') !== undefined;
}

/** An envelope, or what is wrong with it. */
export function readSealed(value: unknown): Sealed | string {
  const payloadType = at(value, 'payloadType');
  const payload = bytesOf(at(value, 'payload'));
  const signatures = at(value, 'signatures');
  if (payloadType !== statementMedia) return `its payload is not ${statementMedia}`;
  if (payload === undefined) return 'its payload is not base64';
  if (!isList(signatures) || signatures.length === 0) return 'nobody has signed it';
  if (signatures.length > mostSignatures) return `it has more than ${mostSignatures} signatures`;
  const read = signatures.map((signature) => bytesOf(at(signature, 'sig')));
  if (read.some((bytes) => bytes === undefined)) return 'a signature is not base64';
  return { payloadType, payload, signatures: read as Uint8Array[] };
}

/** Standard or URL-safe, as the specification allows; nothing that a lenient decoder would skip. */
function bytesOf(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  if (!/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(text)) return undefined;
  const digits = text.replace(/=+$/, '');
  return digits.length % 4 === 1 ? undefined : Buffer.from(digits, 'base64');
}

/** Anything but a signature that this key made is no. */
export function isSignedBy({ payloadType, payload, signatures }: Sealed, { publicKey }: PublicKey): boolean {
  try {
    const key = createPublicKey(publicKey);
    const algorithm = algorithmOf(key);
    if (algorithm === undefined) return false;
    const signed = preAuthEncoding(payloadType, payload);
    return signatures.some((signature) => verify(algorithm.hash, signed, key, signature));
  } catch {
    return false;
  }
}
