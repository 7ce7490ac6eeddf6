import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Side } from '../../../ports/traffic.ts';
import { cookiesBy, placesOf } from './places.ts';

const all = Array.from({ length: 4_096 }, (_, number) => number.toString(16).padStart(3, '0'));
const weight = fc.integer({ min: 0, max: 10_000 });
const salts = fc.string();

function sidesOf(weights: readonly number[]): Side[] {
  return weights.map((part, index) => ({ name: `side-${index}`, weight: part, instances: [] }));
}

/** As a server finds it: the last side that has the place, or one that it begins with. */
function sideAt(place: string, places: ReadonlyMap<string, readonly string[]>, sides: readonly Side[]): string {
  const begins = new Set([place.slice(0, 1), place.slice(0, 2), place]);
  return sides.findLast(({ name }) => places.get(name)!.some((digits) => begins.has(digits)))!.name;
}

test('every place has a side, and every side as many places as its weight asks for', () => {
  fc.assert(
    fc.property(weight, weight, salts, (one, two, salt) => {
      const [low, high] = [Math.min(one, two), Math.max(one, two)];
      const sides = sidesOf([10_000 - high, high - low, low]);
      const places = placesOf(sides, salt);
      const chosen = all.map((place) => sideAt(place, places, sides));
      for (const side of sides) {
        const share = chosen.filter((name) => name === side.name).length / all.length;
        assert.ok(Math.abs(share - side.weight / 10_000) <= 1 / all.length, `${share} for ${side.weight}`);
      }
    }),
    { numRuns: 30 },
  );
});

test('while the weight of the last side grows, nobody leaves it', () => {
  fc.assert(
    fc.property(weight, weight, salts, (one, two, salt) => {
      const [before, after] = [Math.min(one, two), Math.max(one, two)].map((part) => {
        const sides = sidesOf([10_000 - part, part]);
        const places = placesOf(sides, salt);
        return new Set(all.filter((place) => sideAt(place, places, sides) === 'side-1'));
      });
      assert.ok([...before!].every((place) => after!.has(place)));
    }),
    { numRuns: 30 },
  );
});

test('another salt brings other users to the front', () => {
  const sides = sidesOf([9_000, 1_000]);
  const early = (salt: string) => {
    const places = placesOf(sides, salt);
    return new Set(all.filter((place) => sideAt(place, places, sides) === 'side-1'));
  };
  const two = early('two');
  const shared = [...early('one')].filter((place) => two.has(place));
  assert.ok(shared.length < early('one').size / 2, `${shared.length} of ${early('one').size} are early again`);
});

test('cookies are named by their place and made with the key alone', () => {
  const cookies = cookiesBy(Buffer.alloc(32, 1));
  assert.equal(new Set(cookies.values()).size, 4_096);
  assert.match(cookies.get('1f0')!, /^1f0\.[A-Za-z0-9_-]{22}$/);
  assert.notEqual(cookiesBy(Buffer.alloc(32, 2)).get('1f0'), cookies.get('1f0'));
});
