import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstWholeCharacter } from './utf8.ts';

test('wherever a text is cut, what is left begins with a whole character', () => {
  const bytes = new TextEncoder().encode('aé€😀z');
  const left = Array.from(bytes, (_, cut) => {
    const rest = bytes.subarray(cut);
    return new TextDecoder('utf-8', { fatal: true }).decode(rest.subarray(firstWholeCharacter(rest)));
  });
  assert.deepEqual(left, ['aé€😀z', 'é€😀z', '€😀z', '€😀z', '😀z', '😀z', '😀z', 'z', 'z', 'z', 'z']);
});
