import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeBytes, isId, makeId } from './id.ts';
import { instant, type Instant } from './time.ts';

const times = fc.integer({ min: 0, max: 2 ** 48 - 1 }).map(instant);
const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

test('an id is its prefix and 26 characters, and is recognised as its own kind only', () => {
  fc.assert(
    fc.property(times, random, (at, bytes) => {
      const id = makeId('prm', at, bytes);
      assert.match(id, /^prm_[0-9a-hjkmnp-tv-z]{26}$/);
      assert.ok(isId('prm', id));
      assert.equal(isId('rel', id), false);
    }),
  );
});

test('ids sort as text in the order in which they were made', () => {
  fc.assert(
    fc.property(times, times, random, random, (one, other, left, right) => {
      fc.pre(one !== other);
      assert.equal(makeId('rel', one, left) < makeId('rel', other, right), one < other);
    }),
  );
});

test('ids made in the same millisecond differ when their random bytes do', () => {
  fc.assert(
    fc.property(times, random, random, (at, left, right) => {
      const same = Buffer.from(left).equals(Buffer.from(right));
      assert.equal(makeId('rel', at, left) === makeId('rel', at, right), same);
    }),
  );
});

test('an id is refused when its time or its randomness does not suffice', () => {
  const bytes = new Uint8Array(10);
  assert.throws(() => makeId('rel', instant(0), new Uint8Array(9)), /10 random bytes, got 9/);
  for (const at of [-1, 2 ** 48, 0.5, Number.NaN]) assert.throws(() => makeId('rel', at as Instant, bytes), RangeError);
  assert.equal(makeId('rel', instant(0), bytes), `rel_${'0'.repeat(26)}`);
});

test('text that only resembles an id is not one', () => {
  const digits = '0123456789abcdefghjkmnpqrs';
  assert.ok(isId('rel', `rel_${digits}`));
  for (const text of [
    '',
    'rel_',
    'rel',
    `rel-${digits}`,
    `rel_${digits}\n`,
    `REL_${digits}`,
    `rel_${digits.toUpperCase()}`,
    'rel_../../etc/passwd0000',
  ]) {
    assert.equal(isId('rel', text), false, JSON.stringify(text));
  }
  for (const letter of 'ilou') assert.equal(isId('rel', `rel_${letter.repeat(26)}`), false);
});

test('bytes are written five bits a character, most significant first', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      const groups = bits.match(/.{1,5}/g) ?? [];
      const expected = groups.map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
      assert.equal(encodeBytes(bytes), expected);
    }),
  );
});
