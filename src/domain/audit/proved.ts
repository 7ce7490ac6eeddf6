/** An entry with its inclusion proof, and the document that holds one together with a checkpoint. Checked without server or database. */
import { Failure } from '../base/failure.ts';
import { fromBase64 } from './bytes.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { computedHash, parseObject, readExported, type ExportedEntry } from './exported.ts';
import { openEvent, readLeaf, type AuditedEvent } from './leaf.ts';
import { parseNote, signerOf, type NoteKey, type VerifySignature } from './note.ts';
import { provesInclusion } from './proof.ts';
import type { HashBytes } from './tree.ts';

export interface ProvedEntry extends ExportedEntry {
  /** Base64, from the leaf upwards. */
  readonly proof: readonly string[];
}

export interface ProofDocument {
  readonly format: typeof proofFormat;
  readonly entry: ProvedEntry;
  /** A signed note. */
  readonly checkpoint: string;
}

export const proofFormat = 'liftlock-audit-proof-v1';

/** What checks signatures: public keys that the one who checks has from elsewhere. */
export interface Trust {
  readonly hash: HashBytes;
  readonly verify: VerifySignature;
  readonly keys: readonly NoteKey[];
}

export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly signedBy: NoteKey;
}

/** @throws Failure `audit/unreadable`, or `audit/inconsistent` when none of the keys signed it. */
export function trustedCheckpoint(trust: Trust, text: string): SignedCheckpoint {
  const note = parseNote(text);
  const checkpoint = parseCheckpoint(note.text);
  const signedBy = signerOf(note, trust.keys, trust.verify);
  if (signedBy === undefined)
    throw new Failure(
      'audit/inconsistent',
      `the checkpoint of ${checkpoint.size} entries is signed by none of the given keys`,
    );
  if (signedBy.name !== checkpoint.origin)
    throw new Failure('audit/inconsistent', `the checkpoint is of ${checkpoint.origin}, its key of ${signedBy.name}`);
  return { checkpoint, signedBy };
}

export interface ProvedEvent {
  readonly index: number;
  readonly event: AuditedEvent;
  readonly erased: readonly string[];
}

/** @throws Failure `audit/unreadable` or `audit/inconsistent`. */
export function checkProofDocument(trust: Trust, text: string): ProvedEvent & { readonly checkpoint: Checkpoint } {
  const { format, entry, checkpoint: note } = parseObject(text, 'this document');
  if (format !== proofFormat || typeof note !== 'string')
    throw new Failure('audit/unreadable', 'this is not a proof of an audit log');
  const { checkpoint } = trustedCheckpoint(trust, note);
  return { ...checkProved(trust, readProved(entry), checkpoint), checkpoint };
}

export function readProved(value: unknown): ProvedEntry {
  const entry = readExported(value, 'an entry of this document');
  const { proof } = value as { proof?: unknown };
  if (!Array.isArray(proof) || !proof.every((one) => typeof one === 'string'))
    throw new Failure('audit/unreadable', `entry ${entry.index} has no proof`);
  return { ...entry, proof };
}

/** @throws Failure `audit/unreadable` or `audit/inconsistent`. */
export function checkProved({ hash }: Trust, entry: ProvedEntry, { size, root }: Checkpoint): ProvedEvent {
  const { index } = entry;
  const proof = entry.proof.map((one) => fromBase64(one) ?? new Uint8Array());
  if (!provesInclusion(hash, { index, size, leaf: computedHash(hash, entry), proof, root }))
    throw new Failure('audit/inconsistent', `entry ${index} is not in the log of the checkpoint`);
  const opened = openEvent(hash, readLeaf(entry.leaf!), entry.opened);
  const [wrong] = opened.wrong;
  if (wrong !== undefined)
    throw new Failure('audit/inconsistent', `${wrong.slice(1)} of entry ${index} is not the text that was recorded`);
  return { index, event: opened.event, erased: opened.erased };
}
