/**
 * OpenPGP armor and packet framing (RFC 9580 sections 4 and 6): enough to see that there is one signature and
 * nothing else before gpg is asked.
 */
import { strictBase64Lines } from './base64.ts';
import { malformed, Refused } from './refused.ts';

export interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

export const pgpSignatureArmor = '-----BEGIN PGP SIGNATURE-----';
const signaturePacket = 2;
const v4 = 4;
const overBytes = 0x00;
const overText = 0x01;
/** RSA, ECDSA, EdDSA (old form), Ed25519, Ed448. */
const algorithms: ReadonlySet<number> = new Set([1, 3, 19, 22, 27, 28]);
/** DSA, and Elgamal when it still signed. */
const weakAlgorithms: ReadonlySet<number> = new Set([17, 20]);
/** SHA-256, SHA-384, SHA-512. */
const hashes: ReadonlySet<number> = new Set([8, 9, 10]);
/** MD5, SHA-1, RIPEMD-160. */
const weakHashes: ReadonlySet<number> = new Set([1, 2, 3]);

/** The bytes in one block of armor. @throws Refused unless it is exactly that, line ends at its end aside. */
export function readArmor(text: string, label: string): Buffer {
  const lines = text.split('\n');
  while (lines.at(-1) === '') lines.pop();
  if (lines.shift() !== `-----BEGIN PGP ${label}-----` || lines.pop() !== `-----END PGP ${label}-----`)
    throw malformed('its armor does not begin and end as it must');
  const empty = lines.findIndex((line) => line.trim() === '');
  const headers = lines.slice(0, Math.max(empty, 0));
  if (empty < 0 || !headers.every((line) => /^(?:Version|Comment|Charset|Hash|MessageID): [ -~]{0,200}$/.test(line)))
    throw malformed('the headers of its armor are not those of a signature');
  const content = lines.slice(empty + 1);
  if (/^=[A-Za-z0-9+/]{4}$/.test(content.at(-1) ?? '')) content.pop();
  return strictBase64Lines(content);
}

/** @throws Refused */
export function readPackets(bytes: Buffer): readonly Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length;) {
    const { tag, start, length } = readFrame(bytes, at);
    if (start + length > bytes.length) throw malformed('a packet is cut off');
    packets.push({ tag, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return packets;
}

function readFrame(bytes: Buffer, at: number): { tag: number; start: number; length: number } {
  const first = bytes.readUInt8(at);
  if ((first & 0x80) === 0) throw malformed('what follows is not a packet');
  if ((first & 0x40) === 0) return oldFrame(bytes, at);
  const tag = first & 0x3f;
  const octet = bytes[at + 1] ?? 255;
  if (octet < 192) return { tag, start: at + 2, length: octet };
  if (octet < 224 && at + 2 < bytes.length)
    return { tag, start: at + 3, length: ((octet - 192) << 8) + bytes.readUInt8(at + 2) + 192 };
  if (octet === 255 && at + 6 <= bytes.length) return { tag, start: at + 6, length: bytes.readUInt32BE(at + 2) };
  throw malformed('the length of a packet cannot be read');
}

function oldFrame(bytes: Buffer, at: number): { tag: number; start: number; length: number } {
  const first = bytes.readUInt8(at);
  const size = [1, 2, 4][first & 3];
  if (size === undefined || at + 1 + size > bytes.length) throw malformed('the length of a packet cannot be read');
  return { tag: (first >> 2) & 15, start: at + 1 + size, length: bytes.readUIntBE(at + 1, size) };
}

/** @throws Refused unless it is one version 4 signature over plain bytes, by algorithms that are not broken. */
export function requireOneSignature(text: string): void {
  const packets = readPackets(readArmor(text, 'SIGNATURE'));
  const [packet] = packets;
  if (packets.length !== 1 || packet?.tag !== signaturePacket)
    throw malformed('its armor holds something else than one signature');
  const [version = -1, type = -1, algorithm = -1, hash = -1] = packet.body;
  if (version !== v4)
    throw new Refused('SIGNATURE_ALGORITHM_UNSUPPORTED', `version ${version} of OpenPGP signatures is not accepted`);
  if (type === overText)
    throw new Refused(
      'SIGNATURE_TEXT_MODE',
      'it covers the text with its line ends changed, not the bytes',
      'Sign without the option textmode.',
    );
  if (type !== overBytes) throw malformed(`it is a signature of another kind (0x${type.toString(16)})`);
  requireKnown({ what: 'algorithm', id: algorithm, known: algorithms, weak: weakAlgorithms });
  requireKnown({ what: 'hash', id: hash, known: hashes, weak: weakHashes });
}

function requireKnown(asked: {
  what: string;
  id: number;
  known: ReadonlySet<number>;
  weak: ReadonlySet<number>;
}): void {
  if (asked.known.has(asked.id)) return;
  const isWeak = asked.weak.has(asked.id);
  throw new Refused(
    isWeak ? 'SIGNATURE_ALGORITHM_WEAK' : 'SIGNATURE_ALGORITHM_UNSUPPORTED',
    `its ${asked.what} (number ${asked.id} of OpenPGP) is ${isWeak ? 'too weak' : 'not supported'}`,
  );
}
