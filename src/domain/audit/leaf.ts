/**
 * What one entry of the audit log is: the exact text of an event, made once. Texts about people are in it as
 * SHA-256(salt ‖ text), with 128 bits of salt each; salts and texts are kept beside the log, where they can be erased.
 */
import { canonicalJson, type Json } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { concatenated, fromBase64, sameBytes, toBase64, utf8 } from './bytes.ts';
import { fieldsToSeal, isShallow, valueAt, withValueAt } from './sealing.ts';
import type { HashBytes } from './tree.ts';

/** An event as the audit log knows it. */
export interface AuditedEvent {
  /** `evt_…`, unique. */
  readonly id: string;
  readonly kind: string;
  readonly actor: string;
  readonly at: number;
  readonly project?: string;
  readonly environment?: string;
  readonly release?: string;
  readonly promotion?: string;
  readonly data: { readonly [key: string]: Json };
}

/** Salts in base64, by the place of what they seal (a JSON Pointer). Those of erased texts are gone. */
export type Salts = Readonly<Record<string, string>>;

export interface SealedEvent {
  readonly leaf: string;
  readonly salts: Salts;
}

/** Shown in place of a text that was erased. */
export const erased = 'erased';

const version = 1;
const saltBytes = 16;
const mostLeafCharacters = 8 * 1024 * 1024;

export function sealEvent(
  event: AuditedEvent,
  tools: { hash: HashBytes; random: (bytes: number) => Uint8Array },
): SealedEvent {
  const texts = fieldsToSeal(event);
  const random = texts.length === 0 ? new Uint8Array() : tools.random(texts.length * saltBytes);
  const salts: Record<string, string> = {};
  const sealed: Record<string, string> = {};
  let shown = event as unknown as Json;
  texts.forEach(({ pointer, text }, place) => {
    const salt = random.subarray(place * saltBytes, (place + 1) * saltBytes);
    salts[pointer] = toBase64(salt);
    sealed[pointer] = toBase64(commitment(tools.hash, salt, text));
    shown = withValueAt(shown, pointer, null);
  });
  return { leaf: canonicalJson({ v: version, ...(shown as object), sealed }), salts };
}

function commitment(hash: HashBytes, salt: Uint8Array, text: string): Uint8Array {
  return hash(concatenated(salt, utf8(text)));
}

export interface Leaf {
  /** Sealed texts are null in it. */
  readonly event: AuditedEvent;
  /** Hashes by place. */
  readonly sealed: Readonly<Record<string, string>>;
}

const known = new Set([
  'v',
  'id',
  'kind',
  'actor',
  'at',
  'project',
  'environment',
  'release',
  'promotion',
  'data',
  'sealed',
]);
const links = ['project', 'environment', 'release', 'promotion'];

/** @throws Failure `audit/unreadable` unless it is a leaf that this version could have written. */
export function readLeaf(text: string): Leaf {
  const { v, sealed, ...event } = objectIn(text);
  const places = Object.entries(isObject(sealed) ? sealed : {});
  const right =
    v === version &&
    Object.keys(event).every((key) => known.has(key)) &&
    ['id', 'kind'].every((key) => typeof event[key] === 'string') &&
    links.every((key) => ['string', 'undefined'].includes(typeof event[key])) &&
    Number.isSafeInteger(event['at']) &&
    isObject(event['data']) &&
    isObject(sealed) &&
    (typeof event['actor'] === 'string' || '/actor' in sealed) &&
    places.every(([pointer, hash]) => typeof hash === 'string' && valueAt(event as Json, pointer) === null);
  if (!right)
    throw new Failure('audit/unreadable', 'this is not an entry of an audit log that this version understands');
  return { event: event as unknown as AuditedEvent, sealed: sealed as Leaf['sealed'] };
}

function objectIn(text: string): Record<string, Json> {
  try {
    if (text.length > mostLeafCharacters) return {};
    const value: unknown = JSON.parse(text);
    return isObject(value) && isShallow(value) ? (value as Record<string, Json>) : {};
  } catch {
    return {};
  }
}

/** A text that was sealed, with what opens it. */
export interface Opening {
  readonly salt: string;
  readonly value: string;
}
export type Openings = Readonly<Record<string, Opening>>;

export interface OpenedEvent {
  readonly event: AuditedEvent;
  /** Places whose text was erased. */
  readonly erased: readonly string[];
  /** Places whose text is not the one that was sealed. */
  readonly wrong: readonly string[];
}

export function openEvent(hash: HashBytes, { event, sealed }: Leaf, openings: Openings): OpenedEvent {
  let shown = event as unknown as Json;
  const gone: string[] = [];
  const wrong = Object.keys(openings).filter((pointer) => !Object.hasOwn(sealed, pointer));
  for (const [pointer, expected] of Object.entries(sealed)) {
    const opening = Object.hasOwn(openings, pointer) ? openings[pointer] : undefined;
    if (opening === undefined) gone.push(pointer);
    else if (!opens(hash, expected, opening)) wrong.push(pointer);
    shown = withValueAt(shown, pointer, opening?.value ?? erased);
  }
  return { event: shown as unknown as AuditedEvent, erased: gone, wrong };
}

function opens(hash: HashBytes, expected: string, { salt, value }: Opening): boolean {
  const [bytes, wanted] = [fromBase64(salt), fromBase64(expected)];
  return bytes?.length === saltBytes && wanted !== undefined && sameBytes(commitment(hash, bytes, value), wanted);
}

/** What opens the seals of an entry, from the event as it is shown and the salts that are left. */
export function openingsOf(event: AuditedEvent, salts: Salts): Openings {
  return Object.fromEntries(
    Object.entries(salts).map(([pointer, salt]) => {
      const value = valueAt(event as unknown as Json, pointer);
      return [pointer, { salt, value: typeof value === 'string' ? value : '' }];
    }),
  );
}

/** The first field in which an event differs from what the log says; `undefined` when they agree. */
export function differenceOf(logged: AuditedEvent, shown: AuditedEvent): string | undefined {
  const [one, other] = [logged, shown] as unknown as Record<string, Json | undefined>[];
  const fields = new Set([...Object.keys(one!), ...Object.keys(other!)]);
  return [...fields].find((field) => textOf(one![field]) !== textOf(other![field]));
}

function textOf(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : canonicalJson(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
