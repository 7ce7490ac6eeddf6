/** An entry as it leaves the house: one JSON object, a line of an exported log, a part of a proof or of a bundle. */
import { Failure } from '../base/failure.ts';
import { utf8 } from './bytes.ts';
import { openingsOf, type AuditedEvent, type Openings, type Salts } from './leaf.ts';
import { isShallow } from './sealing.ts';
import { leafHash, type HashBytes } from './tree.ts';
import type { LogEntry } from './verify-log.ts';

export interface ExportedEntry {
  readonly index: number;
  /** Base64. */
  readonly hash: string;
  /** The exact text that was hashed; null when it was gone. */
  readonly leaf: string | null;
  /** What opens its sealed texts; those that are missing were erased. */
  readonly opened: Openings;
}

/** An entry as the server answers it. */
export interface ServedEntry {
  readonly index: number;
  readonly hash: string;
  readonly event: { readonly leaf: string; readonly salts: Salts; readonly shown: AuditedEvent } | null;
}

export function exported({ index, hash, event }: ServedEntry): ExportedEntry {
  if (event === null) return { index, hash, leaf: null, opened: {} };
  return { index, hash, leaf: event.leaf, opened: openingsOf(event.shown, event.salts) };
}

export function toLogEntry({ index, hash, leaf, opened }: ExportedEntry): LogEntry {
  return { index, hash, leaf, openings: opened };
}

/** @throws Failure `audit/unreadable` with `where`. */
export function readExported(value: unknown, where: string): ExportedEntry {
  if (!isObject(value)) throw unreadable(where);
  const { index, hash, leaf, opened } = value;
  const right =
    Number.isSafeInteger(index) &&
    (index as number) >= 0 &&
    typeof hash === 'string' &&
    (leaf === null || typeof leaf === 'string') &&
    isObject(opened) &&
    Object.values(opened).every(
      (one) => isObject(one) && typeof one['salt'] === 'string' && typeof one['value'] === 'string',
    );
  if (!right) throw unreadable(where);
  return { index, hash, leaf, opened } as ExportedEntry;
}

/** Of the text itself, whatever the entry says of it. @throws Failure `audit/unreadable` when the text is gone. */
export function computedHash(hash: HashBytes, { index, leaf }: ExportedEntry): Uint8Array {
  if (leaf === null) throw new Failure('audit/unreadable', `the text of entry ${index} is missing`);
  return leafHash(hash, utf8(leaf));
}

/** Parses JSON of others. @throws Failure `audit/unreadable`. */
export function parseObject(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(where);
  }
  if (!isObject(value) || !isShallow(value)) throw unreadable(where);
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(where: string): Failure {
  return new Failure('audit/unreadable', `${where} is not written as an entry of an audit log`);
}
