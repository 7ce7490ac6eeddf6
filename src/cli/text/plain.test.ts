import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainJson, plainText } from './plain.ts';

const hostile: readonly (readonly [string, string])[] = [
  ['\u001b[2J\u001b[Hgone', '\\x1b[2J\\x1b[Hgone'],
  ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  [
    '\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\',
    '\\x1b]8;;http://evil.example\\x1b\\click\\x1b]8;;\\x1b\\',
  ],
  ['\u009b2J', '\\x9b2J'],
  ['approved\rrejected', 'approved\\x0drejected'],
  ['one\btwo', 'one\\x08two'],
  ['\u202egpj.exe', '\\u202egpj.exe'],
  // What would only look otherwise is left out, so that nothing can be hidden by it.
  ['\u001b[8mhidden\u001b[0m', 'hidden\u001b[0m'],
  ['\u001b[38;5;196mred\u001b[m', 'red'],
  ['two\r\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['Zoë 王小明 👩‍👩‍👧 שלום', 'Zoë 王小明 👩‍👩‍👧 שלום'],
];

for (const [text, shown] of hostile)
  test(`what a terminal would obey is written out: ${JSON.stringify(shown)}`, () =>
    assert.equal(plainText(text), shown));

test('our own styles stay, and nothing else that is a control', () => {
  for (const code of [1, 2, 31, 32, 33])
    assert.equal(plainText(`\u001b[${code}mtext\u001b[0m`), `\u001b[${code}mtext\u001b[0m`);
  const pieces = fc.constantFrom('\u001b', '[', '0', '8', ';', 'm', ']', '\u0007', '\u009b', '\r', '\n', 'a', '\u202e');
  fc.assert(
    fc.property(
      fc.array(pieces).map((parts) => parts.join('')),
      (text) => {
        const rest = plainText(text).replaceAll('\u001b[0m', '');
        assert.doesNotMatch(rest, /[^\P{Cc}\n\t]|[\u202a-\u202e]/u);
      },
    ),
  );
});

test('JSON stays the same document', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = plainJson(JSON.stringify({ text }));
      assert.deepEqual(JSON.parse(json), { text });
      assert.doesNotMatch(json, /[\p{Cc}\u202a-\u202e]/u);
    }),
  );
});
