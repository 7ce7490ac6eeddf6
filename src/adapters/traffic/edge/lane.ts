/** Which side a user belongs to: by group, by the place of his key among all keys, or by the turn of the wheel. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Group, Route, Sticky } from '../../../ports/traffic.ts';
import { createWheel } from './wheel.ts';

export interface Choice {
  readonly side: string;
  /** A cookie to set, so that the user is known next time. */
  readonly cookie: string | undefined;
}

/** `undefined` when no side may get a request. */
export type Chooser = (headers: IncomingHttpHeaders) => Choice | undefined;

const cookieName = 'liftlock-user';
const wholeWeight = 10_000;
const cookieSeconds = 30 * 86_400;

export function createChooser(route: Route, key: Buffer): Chooser {
  const wheel = createWheel(route.sides.map(({ weight }) => weight));
  const names = route.sides.map(({ name }) => name);
  return (headers) => {
    const grouped = route.groups?.find((group) => names.includes(group.side) && isIn(group, headers));
    if (grouped !== undefined) return { side: grouped.side, cookie: undefined };
    if (route.sticky === undefined) {
      const side = names[wheel.next()];
      return side === undefined ? undefined : { side, cookie: undefined };
    }
    const user = userOf(route.sticky, headers, key);
    const side = sideAt(route, placeOf(route.sticky.salt, user.id));
    return side === undefined ? undefined : { side, cookie: user.cookie };
  };
}

function isIn({ by, name, value }: Group, headers: IncomingHttpHeaders): boolean {
  const given = by === 'header' ? headers[name.toLowerCase()] : cookieOf(headers, name);
  const text = Array.isArray(given) ? given.join(', ') : given;
  return text !== undefined && (value === undefined || text === value);
}

/** A user the header names, one that a cookie of ours names, or a new one. */
function userOf(
  sticky: Sticky,
  headers: IncomingHttpHeaders,
  key: Buffer,
): { readonly id: string; readonly cookie: string | undefined } {
  const named = sticky.header === undefined ? undefined : headers[sticky.header.toLowerCase()];
  if (typeof named === 'string' && named !== '') return { id: named, cookie: undefined };
  const known = readCookie(cookieOf(headers, cookieName), key);
  if (known !== undefined) return { id: known, cookie: undefined };
  const id = randomBytes(12).toString('base64url');
  const value = `${id}.${sign(id, key)}`;
  return { id, cookie: `${cookieName}=${value}; Path=/; Max-Age=${cookieSeconds}; HttpOnly; SameSite=Lax` };
}

/** A cookie that is not ours names nobody: users cannot choose their side. */
function readCookie(value: string | undefined, key: Buffer): string | undefined {
  const [id, signature] = value?.split('.') ?? [];
  if (id === undefined || signature === undefined) return undefined;
  const expected = Buffer.from(sign(id, key));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined;
}

function sign(id: string, key: Buffer): string {
  return createHmac('sha256', key).update(id).digest('base64url').slice(0, 22);
}

/** Where a user stands among all: 0 to 9,999, evenly spread, and always the same for the same salt. */
function placeOf(salt: string, id: string): number {
  return createHmac('sha256', salt).update(id).digest().readUInt32BE() % wholeWeight;
}

/**
 * The last side takes the lowest places and the first one the highest: while the last one's weight grows, users move only towards it,
 * and none moves back.
 */
function sideAt({ sides }: Route, place: number): string | undefined {
  let reached = 0;
  for (const { name, weight } of sides.toReversed()) {
    reached += weight;
    if (place < reached) return name;
  }
  return sides.findLast(({ weight }) => weight > 0)?.name;
}

function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
