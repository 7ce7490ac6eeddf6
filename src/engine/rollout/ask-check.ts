/** Asks a check of a rollout about the new release, at its own address. Asked again in the same attempt, it is the same run. */
import type { RolloutCheck } from '../../domain/pipeline/rollout-spec.ts';
import type { CheckAnswer } from '../../domain/rollout/decide.ts';
import type { Deployment } from '../../ports/target.ts';
import { Interrupted } from '../interrupted.ts';
import type { Run } from '../promotion/run.ts';
import { fingerprint, outputOf, runTask } from '../tasks.ts';
import type { World } from '../world.ts';

export async function askCheck(
  world: World,
  run: Run,
  asked: {
    readonly check: RolloutCheck;
    readonly attempt: number;
    readonly deployment: Deployment;
    readonly url: string;
    readonly signal: AbortSignal;
  },
): Promise<CheckAnswer> {
  const { check, attempt, deployment, url, signal } = asked;
  const key = `promotion/${run.promotion.id}/check/${check.name}/${attempt}-${fingerprint(world, check.run)}`;
  const directory = await world.workspaces.copyOf(await world.artifacts.unpack(deployment.release.artifact), key);
  const variables = { ...deployment.variables, LIFTLOCK_URL: url };
  const { hide } = deployment;
  const task = await runTask(
    world,
    { key, command: check.run, directory, variables, hide, timeout: check.timeout },
    signal,
  );
  if (task.ended === 'interrupted') throw new Interrupted(task.by);
  await world.workspaces.remove(key);
  if (task.ended === 'cut-off') return { says: 'unknown', because: task.because };
  if (task.exitCode === 0) return { says: 'yes', because: 'exited with 0' };
  const lastLine = (await outputOf(world, key)).split('\n').at(-1) ?? '';
  return { says: 'no', because: `exited with ${task.exitCode}${lastLine === '' ? '' : `: ${lastLine}`}` };
}
