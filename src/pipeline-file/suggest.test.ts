import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { didYouMean, nearest } from './suggest.ts';

test('a word with one letter missing, added, wrong or swapped is recognised', () => {
  for (const wrong of ['stagin', 'staaging', 'stagimg', 'stagign', 'Staging'])
    assert.equal(nearest(wrong, ['testing', 'staging', 'qa']), 'staging');
});

test('the nearest of several words is meant, the first of equals', () => {
  assert.equal(nearest('tests', ['test', 'tests', 'testing']), 'tests');
  assert.equal(nearest('cat', ['bat', 'hat']), 'bat');
});

test('short and strange words are not guessed at', () => {
  assert.equal(nearest('c', ['a', 'qa']), undefined);
  assert.equal(didYouMean('preview', ['production', 'staging']), undefined);
  assert.equal(didYouMean('prodution', ['production', 'staging']), 'did you mean production?');
});

test('what is suggested is always one of the words, and a word itself suggests itself', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (text, words) => {
      const word = nearest(text, words);
      assert.ok(word === undefined || words.includes(word));
      const [first = ''] = words;
      assert.equal(nearest(first, words)?.toLowerCase(), first.toLowerCase());
    }),
  );
});
