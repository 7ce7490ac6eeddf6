import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesGlob } from './glob.ts';

const cases: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['v*', ['v', 'v1.2.3', 'v1-rc'], ['', 'x', 'av1', 'v1/2']],
  ['v?.?', ['v1.2', 'v😀.x'], ['v1.22', 'v/.2', 'v.2']],
  ['release/*', ['release/', 'release/1'], ['release', 'release/1/2']],
  ['release/**', ['release/', 'release/1/2'], ['release']],
  ['**', ['', 'a', 'a/b/c'], []],
  ['***', ['', 'a/b'], []],
  ['*', ['', 'abc'], ['a/b', '/']],
  ['**/x', ['/x', 'a/b/x'], ['x', 'a/x/y']],
  ['', [''], ['a']],
  ['v1.0', ['v1.0'], ['v1x0', 'v1.0.0']],
  ['[a]+(b)$', ['[a]+(b)$'], ['a+b']],
];

for (const [pattern, yes, no] of cases) {
  test(`R11: a trigger's glob ${JSON.stringify(pattern)} matches what it says and nothing else`, () => {
    for (const name of yes) assert.ok(matchesGlob(pattern, name), name);
    for (const name of no) assert.ok(!matchesGlob(pattern, name), name);
  });
}

const few = fc
  .array(fc.constantFrom('a', 'b', '/', '.', '*', '?', '**'), { maxLength: 8 })
  .map((parts) => parts.join(''));
const names = fc.array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 10 }).map((parts) => parts.join(''));

test('R11: globs mean what the same regular expression means', () => {
  fc.assert(
    fc.property(few, names, (pattern, name) => {
      const source = (pattern.match(/\*{2,}|[^]/g) ?? []).map((token) => {
        if (token.startsWith('**')) return '[^]*';
        if (token === '*') return '[^/]*';
        return token === '?' ? '[^/]' : token.replace(/[.]/g, '\\$&');
      });
      assert.equal(matchesGlob(pattern, name), new RegExp(`^${source.join('')}$`).test(name));
    }),
    { numRuns: 2_000 },
  );
});

test('R11: every name without special characters matches itself, and ** matches everything', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      assert.ok(matchesGlob('**', name));
      if (!/[*?]/.test(name)) assert.ok(matchesGlob(name, name));
    }),
  );
});

test('R15: a pattern made to be slow is answered, since its work is bounded by the lengths', () => {
  assert.equal(matchesGlob(`${'*a'.repeat(60)}b`, 'a'.repeat(2_000)), false);
  assert.equal(matchesGlob(`${'**a'.repeat(60)}b`, 'a'.repeat(2_000)), false);
});
