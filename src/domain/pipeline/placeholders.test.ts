import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { filled, inPromql, placeholders, tellsSidesApart, unknownPlaceholders } from './placeholders.ts';

const values = Object.fromEntries(placeholders.map((name) => [name, `the ${name}`])) as Parameters<typeof filled>[1];

test('each name is filled in, with or without spaces, and one that nobody knows is told', () => {
  const text = 'x{release="{{release}}",env="{{ environment }}"} {{relase}}';
  assert.deepEqual(unknownPlaceholders(text), ['relase']);
  assert.equal(filled('{{release}}/{{ side }}', values, encodeURIComponent), 'the%20release/the%20side');
  assert.throws(() => filled(text, values, (value) => value), /relase/);
  assert.deepEqual([tellsSidesApart('{{commit}}'), tellsSidesApart('{{environment}} {release}')], [true, false]);
});

test('no value ends the string it stands in or brings an escape of its own, and each is read back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const escaped = inPromql(value);
      assert.match(escaped, /^(?:[A-Za-z0-9_.:/-]|\\U[0-9a-f]{8})*$/);
      const read = escaped.replace(/\\U([0-9a-f]{8})/g, (_, digits: string) =>
        String.fromCodePoint(Number.parseInt(digits, 16)),
      );
      assert.equal(read, value);
    }),
  );
});
