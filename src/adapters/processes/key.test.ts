import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { directoryName, keyOf } from './key.ts';

const part = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/).filter((text) => text !== '.' && text !== '..');
const anyKey = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

test('a key is read back from its directory name', () => {
  fc.assert(fc.property(anyKey, (key) => assert.equal(keyOf(directoryName(key)), key)));
});

test('two keys never share a directory, even where case is ignored', () => {
  fc.assert(
    fc.property(anyKey, anyKey, (left, right) => {
      fc.pre(left !== right);
      assert.notEqual(directoryName(left).toLowerCase(), directoryName(right).toLowerCase());
    }),
  );
});

test('a directory that is not a run is not taken for one', () => {
  for (const name of ['#forgotten', 'A', '..', 'a b', 'a++b']) assert.equal(keyOf(name), undefined);
});
