/**
 * Signed notes and the keys that check them, in the text formats of C2SP (c2sp.org/signed-note): a text, an empty line, and
 * a line for each signature. Signatures are Ed25519.
 */
import { Failure } from '../base/failure.ts';
import { concatenated, fromBase64, toBase64, toHex, utf8 } from './bytes.ts';
import type { HashBytes } from './tree.ts';

/** What checks signatures of one signer. */
export interface NoteKey {
  readonly name: string;
  /** Eight hexadecimal digits: the beginning of a hash of name and key. */
  readonly id: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface NoteSigner {
  readonly key: NoteKey;
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

export interface SignedNote {
  /** Ends with a line feed; this is what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

interface NoteSignature {
  readonly name: string;
  readonly id: string;
  readonly signature: Uint8Array;
}

const ed25519 = Uint8Array.of(1);
const mostSignatures = 100;
const mostCharacters = 64 * 1024 * 1024;

export function noteKey(hash: HashBytes, name: string, publicKey: Uint8Array): NoteKey {
  const id = hash(concatenated(utf8(`${name}\n`), ed25519, publicKey)).subarray(0, 4);
  return { name, id: toHex(id), publicKey };
}

/** `<name>+<id>+<key>`: one line that can be published. */
export function formatKey({ name, id, publicKey }: NoteKey): string {
  return `${name}+${id}+${toBase64(concatenated(ed25519, publicKey))}`;
}

/** @throws Failure `audit/unreadable`. */
export function parseKey(hash: HashBytes, text: string): NoteKey {
  const [, name = '', id, encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  if (!isName(name) || bytes?.length !== 33 || bytes[0] !== 1)
    throw unreadable('this is not a public key of an audit log');
  const key = noteKey(hash, name, bytes.subarray(1));
  if (key.id !== id) throw unreadable(`the public key of ${name} does not belong to its id ${id}`);
  return key;
}

export function signNote(text: string, signer: NoteSigner): string {
  if (!isText(text)) throw new RangeError('a note is lines of text without control characters');
  const { name, id } = signer.key;
  const signature = concatenated(fromHex(id), signer.sign(utf8(text)));
  return `${text}\n— ${name} ${toBase64(signature)}\n`;
}

/** @throws Failure `audit/unreadable`. */
export function parseNote(note: string): SignedNote {
  const end = note.lastIndexOf('\n\n');
  if (note.length > mostCharacters || end < 0 || !note.endsWith('\n')) throw unreadable('this is not a signed note');
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  if (!isText(text) || lines.length > mostSignatures) throw unreadable('this is not a signed note');
  return { text, signatures: lines.map(signatureOf) };
}

/** The first of `keys` that signed the note; unknown signatures do not matter, a wrong one by a known key does. */
export function signerOf(
  { text, signatures }: SignedNote,
  keys: readonly NoteKey[],
  verify: VerifySignature,
): NoteKey | undefined {
  const message = utf8(text);
  const known = signatures.flatMap(({ name, id, signature }) => {
    const key = keys.find((one) => one.name === name && one.id === id);
    return key === undefined ? [] : [{ key, right: verify(key.publicKey, message, signature) }];
  });
  return known.every(({ right }) => right) ? known[0]?.key : undefined;
}

function signatureOf(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— (\S+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!isName(name) || bytes === undefined || bytes.length < 5)
    throw unreadable('a signature of this note is not written as one');
  return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

function isName(name: string): boolean {
  return /^[^\s+]{1,200}$/u.test(name);
}

/** Lines of well-formed text; control characters could hide what is signed. */
function isText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return text.endsWith('\n') && text.isWellFormed() && !/[\0-\x09\x0b-\x1f]/.test(text);
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, place) =>
    Number.parseInt(hex.slice(place * 2, place * 2 + 2), 16),
  );
}

function unreadable(message: string): Failure {
  return new Failure('audit/unreadable', message);
}
