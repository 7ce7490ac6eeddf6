import { encodeBytes } from './id.ts';

/** SHA-256 of some bytes, written `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}` & { readonly __digest: true };

/** Hashes text (UTF-8) or bytes. Supplied from outside, so that the domain stays free of platform code. */
export type Sha256 = (content: string | Uint8Array) => Digest;

/** True when `text` is a well-formed digest. */
export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** The 64 hexadecimal digits of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * One text for one value, whatever order its keys were written in: keys sorted by UTF-16 code unit,
 * no white space, absent keys left out (RFC 8785 for the values Liftlock uses: no exotic numbers).
 * @throws RangeError for a number that JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} has no JSON form`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  const entries = Object.entries(value as { readonly [key: string]: Json | undefined })
    .filter((entry): entry is [string, Json] => entry[1] !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** The first 128 bits of a digest in Crockford base32: 26 characters, enough to name a thing by its content. */
export function encodeDigest(digest: Digest): string {
  const hex = hexOf(digest).slice(0, 32);
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
  return encodeBytes(bytes);
}
