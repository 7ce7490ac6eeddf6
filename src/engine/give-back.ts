/** Leads all requests back to the stable release, which never stopped, and starts it again where it did after all. */
import { asFailure } from '../domain/base/failure.ts';
import type { Rollout } from '../domain/rollout/rollout.ts';
import type { Beside, Pair } from '../ports/target.ts';
import { leaveDirectories } from './measure-by-command.ts';
import { patiently } from './patiently.ts';
import { restore, type Restored } from './restore.ts';
import type { Run } from './run.ts';
import type { World } from './world.ts';

/** What cannot be led back is said, so that it ends (R15). @throws Failure `database/unreachable`. */
export async function giveBack(
  world: World,
  run: Run,
  { pair, beside, rollout }: { pair: Pair; beside: Beside; rollout: Rollout },
): Promise<Restored> {
  try {
    await patiently(world, () => beside.share(pair, { weight: 0, groups: [], shadow: false, users: rollout.users }));
    await leaveDirectories(world, rollout);
    if ((await patiently(world, () => beside.look(pair))).stable === 'down') return await restore(world, run);
    return { summary: `all requests are back on release #${pair.stable.release.number}`, restored: true };
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    return { summary: `the requests could not be led back: ${failure.message}`, restored: false };
  }
}
