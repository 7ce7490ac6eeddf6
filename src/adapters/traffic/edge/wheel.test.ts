import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createWheel } from './wheel.ts';

const weights = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 })
  .filter((all) => all.some((weight) => weight > 0));

test('after one whole turn every side has had exactly its weight', () => {
  fc.assert(
    fc.property(weights, (all) => {
      const wheel = createWheel(all);
      const sum = all.reduce((total, weight) => total + weight, 0);
      const had = all.map(() => 0);
      for (let turn = 0; turn < sum; turn++) had[wheel.next()]! += 1;
      assert.deepEqual(had, all);
    }),
  );
});

test('at no moment is a side further from its share than there are sides', () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 500 }), (all, requests) => {
      const wheel = createWheel(all);
      const sum = all.reduce((total, weight) => total + weight, 0);
      const had = all.map(() => 0);
      for (let request = 1; request <= requests; request++) {
        had[wheel.next()]! += 1;
        for (const [side, weight] of all.entries())
          assert.ok(Math.abs(had[side]! - (request * weight) / sum) <= all.length, `${had.join(' ')} after ${request}`);
      }
    }),
  );
});

test('without any weight nobody is next', () => {
  assert.equal(createWheel([0, 0]).next(), -1);
});
