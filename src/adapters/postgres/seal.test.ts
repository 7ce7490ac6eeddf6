import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSeal } from './seal.ts';

const key = new Uint8Array(32).fill(7);

test('what was sealed is read with the same key, and with no other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const sealed = createSeal(key).close(text);
      assert.equal(createSeal(key).open(sealed), text);
      assert.equal(createSeal(new Uint8Array(32)).open(sealed), undefined);
      assert.notEqual(createSeal(key).close(text), sealed, 'twice the same is not the same twice');
    }),
  );
});

test('what was changed at any place, cut short or never sealed is not read', () => {
  const seal = createSeal(key);
  const sealed = Buffer.from(seal.close('https://ada:word@example.org/shop.git').slice('v1.'.length), 'base64url');
  const read = (bytes: Uint8Array) => seal.open(`v1.${Buffer.from(bytes).toString('base64url')}`);
  for (const at of sealed.keys()) {
    const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
    assert.equal(read(changed), undefined, `byte ${at} was changed`);
    assert.equal(read(sealed.subarray(0, at)), undefined, `cut after ${at} bytes`);
  }
  for (const never of ['v1.', '', 'https://example.org']) assert.equal(seal.open(never), undefined, never);
});
