import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandLine, shellWord } from './shell.ts';

test('a shell hands every word on as it is', () => {
  const word = fc.string({ unit: fc.constantFrom(...'\'"\\$`!*?;&|<>()[]{}~= \n\tä', 'a', '-') });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const said = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${commandLine(words)}`]).toString();
      assert.deepEqual(said.split('\0').slice(0, -1), words);
    }),
    { numRuns: 30 },
  );
});

test('what needs no quotes has none', () => {
  assert.equal(shellWord('./a-b_c.1'), './a-b_c.1');
});
