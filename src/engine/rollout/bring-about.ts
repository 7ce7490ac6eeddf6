import { sizesOf, trafficOf, type Rollout } from '../../domain/rollout/rollout.ts';
import type { Beside, Pair, Sight } from '../../ports/target.ts';
import { throwIfInterrupted } from '../interrupted.ts';
import { patiently } from '../patiently.ts';
import type { World } from '../world.ts';

/** What is recorded is brought about. Answers what is wrong with the new release when that cannot be. */
export async function bringAbout(
  world: World,
  { rollout, pair, beside, signal }: { rollout: Rollout; pair: Pair; beside: Beside; signal: AbortSignal },
): Promise<Pick<Sight, 'fresh'> | undefined> {
  const { replacing, users } = rollout;
  const sizes = sizesOf(rollout);
  if (sizes === undefined || replacing === undefined) {
    await patiently(world, () => beside.share(pair, { ...trafficOf(rollout), users }));
    return undefined;
  }
  const answer = await patiently(world, () => beside.resize(pair, { ...sizes, limits: replacing }, signal));
  throwIfInterrupted(signal);
  // An old instance that is gone and does not come back is replaced by a new one all the sooner.
  if (answer.resized !== 'no' || answer.side === 'stable') return undefined;
  return { fresh: { is: 'down', because: answer.because, byItself: answer.byItself } };
}
