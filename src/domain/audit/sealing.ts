/**
 * Which fields of an event are sealed: written into the log as a salted hash, so that value and salt can be erased later without
 * touching what the log proves. Text is sealed unless it is known not to be about people, so a field that somebody adds tomorrow
 * can be erased as well.
 */
import type { Json } from '../base/digest.ts';

/** Fields whose text is a word of ours. */
const wordFields = new Set([
  'action',
  'algorithm',
  'answer',
  'cause',
  'code',
  'decision',
  'environment',
  'environments',
  'format',
  'gate',
  'hosting',
  'kind',
  'mode',
  'outcome',
  'phase',
  'places',
  'predicate',
  'publicKey',
  'role',
  'roles',
  'severity',
  'standing',
  'state',
  'trigger',
  'verdict',
  'version',
]);

/** Ids and hashes of ours, commits, and actors that are not people. */
const impersonal = /^([a-z]{3}_[0-9a-z]{16,32}|sha256:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{64}|system:[a-z-]+)$/;

export interface SealableFields {
  readonly actor: string;
  readonly data: { readonly [key: string]: Json | undefined };
}

/** A place in an event (a JSON Pointer, RFC 6901) and the text there. */
export interface TextField {
  readonly pointer: string;
  readonly text: string;
}

export function fieldsToSeal({ actor, data }: SealableFields): readonly TextField[] {
  return textsIn({ actor, data } as Json, { pointer: '', field: '' });
}

function textsIn(value: Json, at: { pointer: string; field: string }): readonly TextField[] {
  if (typeof value === 'string') return isImpersonal(at.field, value) ? [] : [{ pointer: at.pointer, text: value }];
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value))
    return value.flatMap((item, place) => textsIn(item, { pointer: `${at.pointer}/${place}`, field: at.field }));
  return Object.entries(value as { readonly [key: string]: Json | undefined }).flatMap(([key, item]) =>
    item === undefined ? [] : textsIn(item, { pointer: `${at.pointer}/${escaped(key)}`, field: key }),
  );
}

function isImpersonal(field: string, text: string): boolean {
  return text === '' || wordFields.has(field) || impersonal.test(text);
}

/** How somebody can be told from what an event says. */
export interface Identity {
  readonly handle: string;
  /** E-mail addresses, and names as written by people. */
  readonly others: readonly string[];
}

/**
 * Whether a text is about this person: it is the handle, or one of the others stands in it. A handle alone may be an ordinary
 * word, so it is looked for inside a text only behind an @.
 */
export function isAbout({ handle, others }: Identity, text: string): boolean {
  const plain = text.toLowerCase();
  const known = [`@${handle}`, ...others].map((name) => name.trim().toLowerCase());
  return plain === handle.toLowerCase() || known.some((name) => stands(name, plain));
}

/** Not as a part of a longer word. */
function stands(name: string, text: string): boolean {
  const isPart = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);
  if (name === '') return false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (!isPart(text.charAt(at - 1)) && !isPart(text.charAt(at + name.length))) return true;
  return false;
}

/** The value at a JSON Pointer; `undefined` when nothing is there. */
export function valueAt(whole: Json, pointer: string): Json | undefined {
  return partsOf(pointer).reduce<Json | undefined>((value, part) => memberOf(value, part), whole);
}

/** A copy with another value at a place that is there; places that are not change nothing. */
export function withValueAt(whole: Json, pointer: string, value: Json): Json {
  return replaced(whole, partsOf(pointer), value);
}

function replaced(whole: Json, [part, ...rest]: readonly string[], value: Json): Json {
  if (part === undefined) return value;
  const inner = memberOf(whole, part);
  if (inner === undefined) return whole;
  const changed = replaced(inner, rest, value);
  if (Array.isArray(whole)) return whole.map((item: Json, place) => (String(place) === part ? changed : item));
  return { ...(whole as { readonly [key: string]: Json }), [part]: changed };
}

/** Whether nothing in it lies deeper, so that whatever walks through it comes to an end. */
export function isShallow(value: unknown, levels: number = mostLevels): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

const mostLevels = 100;

function memberOf(value: Json | undefined, part: string): Json | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  return Object.hasOwn(value, part) ? (value as { readonly [key: string]: Json })[part] : undefined;
}

function partsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
