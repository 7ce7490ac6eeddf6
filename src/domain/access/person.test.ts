import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { emailOf, emailOfAuthor, handleOf, isHandle } from './person.ts';

test('handles are short, lower case and never look like a part of the system', () => {
  for (const handle of ['ada', 'a', '0', 'ada.lovelace', 'x'.repeat(39)]) assert.ok(isHandle(handle), handle);
  for (const text of ['', 'Ada', '.ada', '-ada', 'a b', 'system:engine', 'machine:ci', 'ada\n', 'x'.repeat(40)])
    assert.ok(!isHandle(text), text);
});

test('a handle is made of any name that has something usable', () => {
  assert.equal(handleOf('Zoë Ångström'), 'zoe.angstrom');
  assert.equal(handleOf('  root '), 'root');
  assert.equal(handleOf('王小明'), undefined);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
      const handle = handleOf(name);
      assert.ok(handle === undefined || isHandle(handle), name);
    }),
  );
});

test('addresses are compared in lower case, and what is none is refused', () => {
  assert.equal(emailOf(' Ada@Example.ORG '), 'ada@example.org');
  for (const text of ['', 'ada', '@', 'a@', '@b', 'a b@c', 'a@b@c', `${'x'.repeat(250)}@b.org`])
    assert.equal(emailOf(text), undefined, text);
});

test('the address of an author is the one in the last brackets', () => {
  assert.equal(emailOfAuthor('Ada Example <ADA@example.org>'), 'ada@example.org');
  assert.equal(emailOfAuthor('Ada <nobody@x> <ada@example.org> '), 'ada@example.org');
  assert.equal(emailOfAuthor('Ada'), undefined);
  assert.equal(emailOfAuthor('Ada <>'), undefined);
});
