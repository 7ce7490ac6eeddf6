import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, encodeDigest, hexOf, isDigest, type Digest, type Json } from './digest.ts';

/** Minus zero is left out: JSON has one zero. */
const values = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

test('a digest is sha256: and 64 lower-case hexadecimal digits', () => {
  const hex = '0123456789abcdef'.repeat(4);
  const text = `sha256:${hex}`;
  assert.ok(isDigest(text) && hexOf(text) === hex);
  for (const wrong of [
    '',
    hex,
    `sha256:${hex.toUpperCase()}`,
    `${text}0`,
    text.slice(0, -1),
    `${text}\n`,
    `sha512:${hex}`,
  ]) {
    assert.equal(isDigest(wrong), false, JSON.stringify(wrong));
  }
});

test('the short form of a digest is its first 128 bits and nothing else', () => {
  const digest = (hex: string): Digest => `sha256:${hex}` as Digest;
  assert.equal(encodeDigest(digest(`${'0'.repeat(31)}1${'f'.repeat(32)}`)), `${'0'.repeat(25)}4`);
  assert.equal(encodeDigest(digest('f'.repeat(64))), `${'z'.repeat(25)}w`);
});

test('canonical JSON is JSON of the same value', () => {
  fc.assert(fc.property(values, (value) => assert.deepEqual(JSON.parse(canonicalJson(value)), value)));
});

test('canonical JSON does not depend on the order in which keys were written', () => {
  fc.assert(fc.property(values, (value) => assert.equal(canonicalJson(reversed(value)), canonicalJson(value))));
});

test('different values have different canonical JSON', () => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const same = isSame(left, right);
      assert.equal(canonicalJson(left) === canonicalJson(right), same);
    }),
  );
});

test('keys are sorted by UTF-16 code unit, absent ones left out, nothing but the value written', () => {
  assert.equal(
    canonicalJson({ b: 1, a: [true, null, 'ü\n'], '\u{1f600}': 2, '\ufb33': 3, '10': 4, '9': 5, gone: undefined }),
    '{"10":4,"9":5,"a":[true,null,"ü\\n"],"b":1,"\u{1f600}":2,"\ufb33":3}',
  );
  assert.equal(canonicalJson(-0), '0');
  assert.equal(canonicalJson(JSON.parse('{"__proto__":1}') as Json), '{"__proto__":1}');
});

test('a number that JSON cannot hold is refused, however deep it lies', () => {
  for (const number of [Number.NaN, Infinity, -Infinity]) {
    assert.throws(() => canonicalJson({ list: [{ number }] }), RangeError);
  }
});

function reversed(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(reversed);
  const entries = Object.entries(value as { readonly [key: string]: Json }).toReversed();
  return Object.fromEntries(entries.map(([key, item]) => [key, reversed(item)]));
}

function isSame(left: Json, right: Json): boolean {
  try {
    assert.deepStrictEqual(left, right);
    return true;
  } catch {
    return false;
  }
}
