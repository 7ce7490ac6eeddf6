import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linesThatDiffer } from './line-diff.ts';

test('only the lines that differ are told, in their order', () => {
  const told = linesThatDiffer('a\nb\nc\nd', 'a\nc\nx\nd').map(({ sign, line }) => `${sign}${line}`);
  assert.deepEqual(told, ['-b', '+x']);
  assert.deepEqual(linesThatDiffer('same\n', 'same\n'), []);
});

test('what is taken away was there, what is added is there now, and the rest is the same in both', () => {
  const text = fc.array(fc.constantFrom<string>('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changes = linesThatDiffer(before.join('\n'), after.join('\n'));
      const count = (sign: '+' | '-') => changes.filter((change) => change.sign === sign).length;
      assert.equal(before.length - count('-'), after.length - count('+'));
      for (const { sign, line } of changes) assert.ok((sign === '-' ? before : after).includes(line));
      const without = (lines: readonly string[], sign: '+' | '-') => {
        const rest = [...lines];
        for (const change of changes.filter((one) => one.sign === sign)) rest.splice(rest.indexOf(change.line), 1);
        return rest.toSorted();
      };
      assert.deepEqual(without(before, '-'), without(after, '+'));
    }),
  );
});
