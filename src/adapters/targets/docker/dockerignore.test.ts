import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDockerignore } from './dockerignore.ts';

/** Rows: the file, what it ignores, what it does not. */
const rows: readonly (readonly [text: string, ignored: readonly string[], kept: readonly string[]])[] = [
  ['', [], ['a', 'a/b']],
  ['# a\n\n   \n.', [], ['a', '# a']],
  ['node_modules', ['node_modules', 'node_modules/a/b.js'], ['src/node_modules', 'node_modules2']],
  ['/node_modules/', ['node_modules', 'node_modules/a'], ['a/node_modules']],
  ['**/node_modules', ['node_modules', 'a/node_modules', 'a/b/node_modules/c'], ['a/node_modules2']],
  ['*.log', ['a.log'], ['a/b.log', 'a.logs']],
  ['**/*.log', ['a.log', 'a/b.log', 'a/b/c.log'], ['a/b.logs']],
  ['*/temp*', ['a/temp', 'a/temporary.txt', 'a/temp/b'], ['temp', 'a/b/temp']],
  ['temp?', ['tempa'], ['temp', 'temp/a', 'tempab']],
  ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z/y'], ['az', 'b/a/z']],
  ['docs/**', ['docs/a', 'docs/a/b'], ['doc', 'a/docs']],
  ['*.md\n!README.md', ['a.md'], ['README.md']],
  ['*.md\n!README*.md\nREADME-secret.md', ['a.md', 'README-secret.md'], ['README.md', 'README-de.md']],
  ['*\n!src', ['a', 'package.json'], ['src', 'src/a.js']],
  ['[a-c]x\n[^d]y', ['ax', 'cx', 'ey'], ['dx', 'dy']],
  ['a\\*b', ['a*b'], ['axb']],
  ['a+(b)|c.$', ['a+(b)|c.$'], ['aab', 'c']],
  ['../a/../b', ['b'], ['a']],
  ['secrets/*\r\n*.key\r\n', ['secrets/a', 'x.key'], ['secrets', 'a/x.key']],
  ['**/**/x', ['x', 'a/b/x'], ['ax']],
  ['[\\]&~\\-]', [']', '&', '~', '-'], ['a', '\\']],
  ['ä*', ['äb', 'ä/c'], ['a']],
];

for (const [text, ignored, kept] of rows) {
  test(`.dockerignore ${JSON.stringify(text)}`, () => {
    const ignores = readDockerignore(text);
    for (const path of ignored) assert.ok(ignores(path), `${path} should be ignored`);
    for (const path of kept) assert.ok(!ignores(path), `${path} should be kept`);
  });
}

test('it is known whether anything is taken back', () => {
  assert.ok(readDockerignore('*\n!a').takesBack);
  assert.ok(!readDockerignore('*\n# !a').takesBack);
});

test('a pattern that cannot be read is told with its line', () => {
  assert.throws(() => readDockerignore('a\n[z-a]'), /pattern that cannot be read: \[z-a\]/);
});
