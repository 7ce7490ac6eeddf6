import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { shellWord } from './shell-word.ts';

test('a shell reads every word as it was written', () => {
  const words = [
    '/usr/bin/node',
    '--flag',
    '',
    ' two  spaces ',
    "it's",
    "''",
    '"$HOME"',
    '`id`',
    '\\',
    'a\nb',
    '*',
    '~',
    'A=b',
    '{"a":[1]}',
    'ü',
  ];
  const line = `printf '%s\\0' ${words.map(shellWord).join(' ')}`;
  assert.deepEqual(
    execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' }),
    words.map((word) => `${word}\0`).join(''),
  );
});

test('what needs no quotes has none', () => {
  assert.equal(shellWord('./a-b_c.1'), './a-b_c.1');
});
