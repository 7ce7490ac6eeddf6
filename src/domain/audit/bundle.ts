/**
 * A bundle: the record of one release or change, with every event about it proved to be in the audit log, in one signed file. The
 * text of a signed note is a JSON document; what it says beyond the events is vouched for by the signature alone.
 */
import { canonicalJson, type Json } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import type { Checkpoint } from './checkpoint.ts';
import { isObject, parseObject } from './exported.ts';
import { parseNote, signNote, signerOf, type NoteKey, type NoteSigner } from './note.ts';
import {
  checkProved,
  readProved,
  trustedCheckpoint,
  type ProvedEntry,
  type ProvedEvent,
  type Trust,
} from './proved.ts';

export interface Bundle {
  readonly format: typeof bundleFormat;
  readonly subject: BundleSubject;
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
  readonly record: { readonly [part: string]: Json };
  /** In the order of the log. */
  readonly entries: readonly ProvedEntry[];
  /** A signed note. */
  readonly checkpoint: string;
}

export interface BundleSubject {
  readonly kind: 'release' | 'change';
  /** Id of the release, or of the promotion that is the change. */
  readonly id: string;
}

const bundleFormat = 'liftlock-bundle-v1';

export function signBundle(bundle: Omit<Bundle, 'format'>, signer: NoteSigner): string {
  return signNote(`${canonicalJson({ format: bundleFormat, ...bundle } as unknown as Json)}\n`, signer);
}

export interface CheckedBundle {
  readonly subject: BundleSubject;
  readonly at: number;
  readonly record: { readonly [part: string]: Json };
  readonly events: readonly ProvedEvent[];
  readonly checkpoint: Checkpoint;
  readonly signedBy: NoteKey;
}

/** @throws Failure `audit/unreadable` for what is no bundle, `audit/inconsistent` naming what does not hold. */
export function checkBundle(trust: Trust, text: string): CheckedBundle {
  const note = parseNote(text);
  const signedBy = signerOf(note, trust.keys, trust.verify);
  if (signedBy === undefined) throw new Failure('audit/inconsistent', 'the bundle is signed by none of the given keys');
  const { subject, at, record, entries, checkpoint: signed } = readBundle(note.text);
  const { checkpoint } = trustedCheckpoint(trust, signed);
  const events = entries.map((entry) => checkProved(trust, entry, checkpoint));
  const misplaced = events.find(({ index }, place) => place > 0 && index <= events[place - 1]!.index);
  if (misplaced !== undefined)
    throw new Failure('audit/inconsistent', `entry ${misplaced.index} stands in the bundle where it cannot`);
  const stranger = events.find(({ event }) => ![event.release, event.promotion].includes(subject.id));
  if (stranger !== undefined)
    throw new Failure('audit/inconsistent', `entry ${stranger.index} is not about ${subject.id}`);
  return { subject, at, record, events, checkpoint, signedBy };
}

function readBundle(text: string): Bundle {
  const { format, subject, at, record, entries, checkpoint } = parseObject(text, 'this bundle');
  const right =
    format === bundleFormat &&
    isObject(subject) &&
    (subject['kind'] === 'release' || subject['kind'] === 'change') &&
    typeof subject['id'] === 'string' &&
    Number.isSafeInteger(at) &&
    isObject(record) &&
    Array.isArray(entries) &&
    typeof checkpoint === 'string';
  if (!right) throw new Failure('audit/unreadable', 'this is not a bundle that this version understands');
  return {
    format: bundleFormat,
    subject: subject as unknown as BundleSubject,
    at: at as number,
    record: record as Bundle['record'],
    entries: entries.map(readProved),
    checkpoint,
  };
}
