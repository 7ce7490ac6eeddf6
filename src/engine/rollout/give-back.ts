/** Leads all requests back to the stable release, which never stopped, and starts it again where it did after all, or hangs. */
import { asFailure } from '../../domain/base/failure.ts';
import { noTraffic, type Rollout } from '../../domain/rollout/rollout.ts';
import type { Beside, Deployment } from '../../ports/target.ts';
import { leaveDirectories } from './measure-by-command.ts';
import { pairOf } from './pair.ts';
import { patiently } from '../patiently.ts';
import { restore, type Restored } from '../promotion/restore.ts';
import type { Run } from '../promotion/run.ts';
import type { World } from '../world.ts';

/** What cannot be led back is said, so that it ends (R15). @throws Failure `database/unreachable`. */
export async function giveBack(
  world: World,
  run: Run,
  { fresh, beside, rollout }: { fresh: Deployment; beside: Beside; rollout: Rollout },
): Promise<Restored> {
  try {
    const { replacing, users } = rollout;
    const pair = await pairOf(world, run, { fresh, live: replacing !== undefined });
    if (replacing === undefined) await patiently(world, () => beside.share(pair, { ...noTraffic, users }));
    else {
      const wish = { fresh: 0, stable: replacing.instances, limits: replacing };
      const answer = await patiently(world, () => beside.resize(pair, wish, new AbortController().signal));
      if (answer.resized === 'no') return await startAfresh(world, run, answer.because);
    }
    await leaveDirectories(world, rollout);
    const { stable } = await patiently(world, () => beside.look(pair));
    if (stable === 'silent') await beside.end(pair.stable);
    if (stable !== 'serves') return await restore(world, run);
    return { summary: `all requests are back on release #${pair.stable.release.number}`, restored: true };
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    const isLed = failure.code === 'traffic/not-kept';
    const what = isLed ? 'the requests are led back for now' : 'the requests could not be led back';
    return { summary: `${what}: ${failure.message}`, restored: false };
  }
}

/** What ran before cannot be had one by one: then all of it anew. */
async function startAfresh(world: World, run: Run, because: string): Promise<Restored> {
  const { summary, restored } = await restore(world, run);
  return { summary: `${because}; ${summary}`, restored };
}
