import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { later, noon } from '../../../test/make/facts.ts';
import { inForce } from './evidence.ts';

test('R20: evidence counts until the moment it expires, and for ever when it has no end', () => {
  const pieces = [{ expiresAt: later(1) }, { expiresAt: noon }, { expiresAt: later(-1) }, { expiresAt: undefined }];
  assert.deepEqual(inForce(pieces, noon), [pieces[0], pieces[3]]);
});

test('R20: time only takes evidence away', () => {
  const ends = fc.array(fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }), { maxLength: 10 });
  fc.assert(
    fc.property(ends, fc.nat({ max: 100 }), fc.nat({ max: 100 }), (given, one, other) => {
      const pieces = given.map((end) => ({ expiresAt: end === undefined ? undefined : later(end) }));
      const [early, late] = [Math.min(one, other), Math.max(one, other)];
      const before = inForce(pieces, later(early));
      assert.ok(inForce(pieces, later(late)).every((piece) => before.includes(piece)));
    }),
  );
});
