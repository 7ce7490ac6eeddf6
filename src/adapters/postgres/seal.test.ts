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

test('what was changed, cut short or never sealed is not read', () => {
  const sealed = createSeal(key).close('https://ada:word@example.org/shop.git');
  for (const wrong of [
    sealed.slice(0, -1),
    `${sealed.slice(0, 20)}x${sealed.slice(21)}`,
    'v1.',
    '',
    'https://example.org',
  ])
    assert.equal(createSeal(key).open(wrong), undefined, wrong);
});
