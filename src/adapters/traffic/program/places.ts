/**
 * Where users stand among all, as a server without signatures can tell: a place is three hexadecimal digits, evenly spread. A new user gets
 * one of 4,096 cookies that only we can make, which names his place; who knows no such cookie cannot choose one.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Side } from '../../../ports/traffic.ts';

export const hexDigits = [...'0123456789abcdef'];
/** Shares are right to 1/4,096. */
export const placeDigits = 3;
const places = 16 ** placeDigits;
export const cookieName = 'liftlock-user';
export const cookieAttributes = `Path=/; Max-Age=${30 * 86_400}; HttpOnly; SameSite=Lax`;

let latest: { readonly key: string; readonly cookies: ReadonlyMap<string, string> } | undefined;

/** All cookies there are, by their place: `1f0` has `1f0.<22 letters>`. An installation has one key, so they are made once. */
export function cookiesBy(key: Uint8Array): ReadonlyMap<string, string> {
  const name = Buffer.from(key).toString('hex');
  if (latest?.key !== name) latest = { key: name, cookies: makeCookies(key) };
  return latest.cookies;
}

function makeCookies(key: Uint8Array): ReadonlyMap<string, string> {
  const all = Array.from({ length: places }, (_, number) => number.toString(16).padStart(placeDigits, '0'));
  return new Map(
    all.map((place) => [
      place,
      `${place}.${createHmac('sha256', key).update(`place ${place}`).digest('base64url').slice(0, 22)}`,
    ]),
  );
}

/**
 * The places of each side, as the digits that they begin with. A side has its own places and those of the sides after it, who go first: the
 * last side takes the first places, and while its weight grows, users move only towards it. Another salt brings another order of the
 * digits, and so other users to the front.
 */
export function placesOf(sides: readonly Side[], salt: string): ReadonlyMap<string, readonly string[]> {
  const order = orderOf(salt);
  const sum = sides.reduce((total, { weight }) => total + weight, 0);
  let reached = 0;
  return new Map(
    sides.toReversed().map(({ name, weight }) => {
      reached += weight;
      return [name, sum === 0 ? [] : placesBelow(Math.round((reached / sum) * places), order)];
    }),
  );
}

function placesBelow(bound: number, order: readonly (readonly string[])[]): readonly string[] {
  if (bound >= places) return hexDigits;
  const digits = [...bound.toString(16).padStart(placeDigits, '0')].map((digit) => Number.parseInt(digit, 16));
  const written = digits.map((digit, position) => order[position]![digit]!);
  return digits.flatMap((digit, position) =>
    order[position]!.slice(0, digit).map((lower) => `${written.slice(0, position).join('')}${lower}`),
  );
}

function orderOf(salt: string): readonly (readonly string[])[] {
  const rank = (position: number, digit: string) =>
    createHash('sha256')
      .update(JSON.stringify([salt, position, digit]))
      .digest('hex');
  return Array.from({ length: placeDigits }, (_, position) =>
    hexDigits.toSorted((left, right) => (rank(position, left) < rank(position, right) ? -1 : 1)),
  );
}
