import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeHeaderText, encodeHeaderText } from './headers.ts';

test('any text travels in a header and comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = encodeHeaderText(text);
      assert.ok([...encoded].every((character) => character <= '\u00ff'));
      assert.equal(decodeHeaderText(encoded), text);
    }),
  );
});

test('bytes that are not UTF-8 are no text', () => {
  assert.equal(decodeHeaderText('\u00e9'), undefined);
});
