/** Says, as long as some work goes on, that somebody is at it; the sweep gives what stands still to another worker (R15, R39). */
import type { Instant } from '../domain/base/time.ts';
import type { Transaction } from '../ports/store.ts';
import type { World } from './world.ts';

const touchEvery = 10_000;

export async function whileTouching<T>(
  world: World,
  touch: (tx: Transaction, at: Instant) => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const touching = keepTouching(world, touch, done.signal);
  try {
    return await work();
  } finally {
    done.abort();
    await touching;
  }
}

async function keepTouching(
  world: World,
  touch: (tx: Transaction, at: Instant) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // Missing one while the database is away does no harm: nobody else can take the work then.
    await world.store.transaction((tx) => touch(tx, world.clock.now())).catch(() => undefined);
    await world.clock.sleep(touchEvery, signal);
  }
}
