import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limitsOf, nextMove, type ReplaceLimits, type Sizes, type Standing } from './replacing.ts';

interface World {
  readonly fresh: { all: number; ready: number };
  readonly stable: { all: number; ready: number };
}

const limits: fc.Arbitrary<ReplaceLimits> = fc
  .record({ instances: fc.integer({ min: 1, max: 12 }), surge: fc.nat(12), unavailable: fc.nat(12) })
  .map((one) => ({ ...one, unavailable: Math.min(one.unavailable, one.instances) }))
  .filter(({ surge, unavailable }) => surge + unavailable > 0);

/** Carries a move out at once; what is started is ready only when it becomes so. */
function carryOut(world: World, move: ReturnType<typeof nextMove>): void {
  if (move.do !== 'start' && move.do !== 'stop') return;
  const side = world[move.side];
  if (move.do === 'start') side.all += move.count;
  else {
    const idle = Math.min(side.all - side.ready, move.count);
    side.all -= move.count;
    side.ready -= move.count - idle;
  }
}

test('R31: never fewer are ready, and never more run, than was agreed, on the way there and back', () => {
  fc.assert(
    fc.property(
      limits,
      fc.array(fc.record({ fresh: fc.nat(12), becomesReady: fc.boolean() }), { minLength: 1, maxLength: 60 }),
      (agreed, turns) => {
        const { instances, surge, unavailable } = agreed;
        const world: World = { fresh: { all: 0, ready: 0 }, stable: { all: instances, ready: instances } };
        for (const { fresh, becomesReady } of turns) {
          const wish: Sizes = { fresh: Math.min(fresh, instances), stable: instances - Math.min(fresh, instances) };
          carryOut(world, nextMove(agreed, wish, world));
          if (becomesReady)
            for (const side of [world.fresh, world.stable]) side.ready = Math.min(side.all, side.ready + 1);
          assert.ok(world.fresh.ready + world.stable.ready >= instances - unavailable, JSON.stringify(world));
          assert.ok(world.fresh.all + world.stable.all <= instances + surge, JSON.stringify(world));
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('it comes to its end, wherever it begins, once everything that was started becomes ready', () => {
  const standing = fc
    .tuple(fc.nat(12), fc.nat(12))
    .map(([all, ready]): Standing => ({ all, ready: Math.min(all, ready) }));
  fc.assert(
    fc.property(limits, standing, standing, fc.nat(12), (agreed, fresh, stable, wanted) => {
      const wish = {
        fresh: Math.min(wanted, agreed.instances),
        stable: agreed.instances - Math.min(wanted, agreed.instances),
      };
      const world: World = { fresh: { ...fresh }, stable: { ...stable } };
      for (let moves = 0; moves < 100; moves++) {
        const move = nextMove(agreed, wish, world);
        if (move.do === 'done') {
          assert.deepEqual([world.fresh.all, world.stable.all], [wish.fresh, wish.stable]);
          return;
        }
        carryOut(world, move);
        for (const side of [world.fresh, world.stable]) side.ready = side.all;
      }
      assert.fail(`no end: ${JSON.stringify(world)}`);
    }),
    { numRuns: 2_000 },
  );
});

test('what is not ready is stopped first, and waits for nothing', () => {
  const agreed = { instances: 3, surge: 0, unavailable: 1 };
  const seen = { fresh: { all: 0, ready: 0 }, stable: { all: 3, ready: 2 } };
  assert.deepEqual(nextMove(agreed, { fresh: 1, stable: 2 }, seen), { do: 'stop', side: 'stable', count: 1 });
  const stuck = { fresh: { all: 1, ready: 0 }, stable: { all: 2, ready: 2 } };
  assert.deepEqual(nextMove(agreed, { fresh: 1, stable: 2 }, stuck), { do: 'wait' });
});

test('percentages are rounded so that neither promise is broken', () => {
  const part = (maxSurge: number, maxUnavailable: number) =>
    limitsOf({ maxSurge: { part: maxSurge }, maxUnavailable: { part: maxUnavailable } }, 10);
  assert.deepEqual(part(0.25, 0.25), { instances: 10, surge: 3, unavailable: 2 });
  assert.deepEqual(part(0.1, 0.1), { instances: 10, surge: 1, unavailable: 1 });
  assert.deepEqual(part(0, 0.09), { instances: 10, surge: 0, unavailable: 0 });
  const absolute = { maxSurge: { instances: 2 }, maxUnavailable: { instances: 20 } };
  assert.deepEqual(limitsOf(absolute, 4), { instances: 4, surge: 2, unavailable: 4 });
});
