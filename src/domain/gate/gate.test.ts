import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Duration } from '../base/time.ts';
import { closed, open, roughly, waiting } from './gate.ts';

test('R17: an answer carries what was looked at, and a time only when there is one', () => {
  assert.deepEqual(open('seen'), { answer: 'open', because: 'seen' });
  assert.deepEqual(closed('seen', 'do'), { answer: 'closed', because: 'seen', unblock: 'do' });
  assert.equal('askAgainAt' in waiting('person', 'seen', 'do'), false);
});

test('R42: lengths are told in the unit a person would use and stay close to the truth', () => {
  const told: readonly (readonly [number, string])[] = [
    [0, '0 s'],
    [300, '1 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [5_400_000, '1.5 h'],
    [259_200_000, '3 days'],
  ];
  for (const [length, text] of told) assert.equal(roughly(length as Duration), text);
  const units = { s: 1_000, min: 60_000, h: 3_600_000, days: 86_400_000 } as const;
  fc.assert(
    fc.property(fc.integer({ min: 600_000, max: 10 ** 10 }), (length) => {
      const [number, unit] = roughly(length as Duration).split(' ') as [string, keyof typeof units];
      const difference = Math.abs(Number(number) * units[unit] - length) / length;
      assert.ok(difference < (unit === 'days' ? 0.25 : 0.06), `${length} became ${number} ${unit}`);
    }),
  );
});
