/** For acts on whoever leads requests or runs containers and may just be starting again: what fails for a moment is no answer. */
import { asFailure, type FailureCode } from '../domain/base/failure.ts';
import { plus, type Duration } from '../domain/base/time.ts';
import type { World } from './world.ts';

const patience = 30_000 as Duration;
const pause = 250;
const passing: readonly FailureCode[] = [
  'traffic/unreachable',
  'traffic/not-kept',
  'traffic/address-lost',
  'docker/unreachable',
];

/** @throws the failure that is left after half a minute; any other at once. */
export async function patiently<Answer>(world: World, act: () => Promise<Answer>): Promise<Answer> {
  const until = plus(world.clock.now(), patience);
  for (;;) {
    try {
      return await act();
    } catch (thrown) {
      if (!passing.includes(asFailure(thrown).code) || world.clock.now() >= until) throw thrown;
      await world.clock.sleep(pause);
    }
  }
}
