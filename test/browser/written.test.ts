import assert from 'node:assert/strict';
import { test } from 'node:test';
import { written } from '../../console/src/api/written.ts';

test('a character that turns the direction of writing round is shown as what it is, wherever it stands', () => {
  for (const control of '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069') {
    const told = { title: `fix: ${control}live`, files: [{ [`${control}a`]: `\\${control}"` }] };
    const code = `\\u${control.codePointAt(0)!.toString(16)}`;
    const shown = { title: `fix: ${code}live`, files: [{ [`${code}a`]: `\\${code}"` }] };
    assert.deepEqual(JSON.parse(written(JSON.stringify(told))), shown);
  }
});

test('every other text is as it was told, from right to left, too', () => {
  const told = { title: 'תיקון\u200f (#4): 🚀 \\u202e', author: 'Ünï', count: 3, none: null };
  assert.deepEqual(JSON.parse(written(JSON.stringify(told))), told);
});
