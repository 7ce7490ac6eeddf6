import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Side } from '../../../ports/traffic.ts';
import { seatOf, seatsAfter, type Seats } from './seats.ts';

const most = 3;
const sides = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), instances: fc.integer({ min: 0, max: 2 }) }),
  { selector: ({ name }) => name },
);

function sidesOf(drawn: readonly { name: string; instances: number }[]): Side[] {
  return drawn.map(({ name, instances }) => ({
    name,
    weight: 0,
    instances: Array.from({ length: instances }, (_, index) => ({ host: '127.0.0.1', port: 17_500 + index })),
  }));
}

test('whoever is there keeps his seat, nobody shares one, and nobody goes without while one is free', () => {
  fc.assert(
    fc.property(fc.array(sides, { maxLength: 10 }), (changes) => {
      let before: Seats = {};
      for (const drawn of changes) {
        const present = sidesOf(drawn);
        const seats = seatsAfter(before, { sides: present, most });
        const given = Object.values(seats);
        assert.equal(new Set(given).size, given.length);
        assert.ok(given.every((seat) => seat >= 1 && seat <= most));
        for (const { name } of present) if (before[name] !== undefined) assert.equal(seats[name], before[name]);
        assert.ok(Object.keys(seats).every((name) => present.some((side) => side.name === name)));
        const without = present.filter(({ name, instances }) => instances.length === 1 && seats[name] === undefined);
        if (without.length > 0) assert.equal(given.length, most);
        before = seats;
      }
    }),
  );
});

test('nobody gets a seat where none is to be given away', () => {
  const [a, b] = sidesOf([
    { name: 'a', instances: 1 },
    { name: 'b', instances: 1 },
  ]);
  assert.deepEqual(seatsAfter({}, { sides: [a!, b!], most: 0 }), {});
  assert.deepEqual(seatsAfter({ a: 2 }, { sides: [a!, b!], most: 0 }), { a: 2 });
});

test('a side is led to its seat while it has one instance, of which the address is not too long', () => {
  const [one, several] = sidesOf([
    { name: 'a', instances: 1 },
    { name: 'a', instances: 2 },
  ]);
  assert.equal(seatOf(one!, { a: 2 }), 2);
  assert.equal(seatOf(one!, {}), undefined);
  assert.equal(seatOf(several!, { a: 2 }), undefined);
  const far = { host: `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}`, port: 1 };
  assert.equal(seatOf({ ...one!, instances: [far] }, { a: 2 }), undefined);
});
