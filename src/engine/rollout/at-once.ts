/** A release that takes all requests in one step: ready first, without a request; then, unless something has shut meanwhile, all of them. */
import type { Beside, DeployAnswer, Deployment } from '../../ports/target.ts';
import { Interrupted } from '../interrupted.ts';
import { patiently } from '../patiently.ts';
import type { Run } from '../promotion/run.ts';
import { mayBegin } from '../promotion/shut.ts';
import type { World } from '../world.ts';

/** @throws Interrupted when it is to be stopped, Failure `lease/lost`. */
export async function atOnce(
  world: World,
  run: Run,
  { deployment, beside, signal }: { deployment: Deployment; beside: Beside; signal: AbortSignal },
): Promise<DeployAnswer> {
  const answer = await patiently(world, () => beside.start(deployment, signal));
  if (answer.deployed !== 'ready') return answer;
  if (!(await mayBegin(world, run))) throw new Interrupted('stop-requested');
  await patiently(world, () => beside.lead(deployment));
  return answer;
}
