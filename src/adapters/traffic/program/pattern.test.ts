import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cookiePattern, literal } from './pattern.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.string({ unit: fc.constantFrom(...'"\'\\;{}$#~^.*+?()[]|\n\r\t \u0000'), minLength: 1 }),
  fc.constantFrom('"; } evil', '${host}', '{env.HOME}', '{http.request.header.Cookie}', '\\Q\\E', '.*', '(?i)a'),
);

/** The dialects differ from that of JavaScript in how a number of more than two digits is written. */
const readable = (pattern: string) => new RegExp(pattern.replaceAll('\\x{', '\\u{'), 'u');
const bytesOf = (text: string) => Buffer.from(text).toString('latin1');

test('a literal is letters, digits and escapes only, and matches itself alone', () => {
  fc.assert(
    fc.property(hostile, hostile, (text, other) => {
      assert.match(literal(text, 'bytes'), /^(?:[A-Za-z0-9]|\\x[0-9a-f]{2})+$/);
      assert.match(literal(text, 'characters'), /^(?:[A-Za-z0-9]|\\x\{[0-9a-f]{1,6}\})+$/);
      const [bytes, characters] = [
        new RegExp(`^${literal(text, 'bytes')}$`),
        readable(`^${literal(text, 'characters')}$`),
      ];
      assert.ok(bytes.test(bytesOf(text)) && characters.test(text));
      assert.equal(bytes.test(bytesOf(other)), text === other);
      assert.equal(characters.test(other), text === other);
    }),
  );
});

test('a cookie is found by its whole name and value, wherever it stands', () => {
  const beta = new RegExp(cookiePattern('beta', 'a.b', 'bytes'));
  for (const header of ['beta=a.b', 'a=b; beta=a.b', 'beta=a.b; c=d', 'x=1;beta=a.b ;y'])
    assert.ok(beta.test(header), header);
  for (const header of ['beta=a.bc', 'beta=axb', 'alphabeta=a.b', 'a=beta=a.b', 'beta', 'BETA=a.b'])
    assert.ok(!beta.test(header), header);
  const any = new RegExp(cookiePattern('beta', undefined, 'bytes'));
  assert.ok(any.test('a=b; beta=1') && !any.test('a=b; betas=1'));
});
