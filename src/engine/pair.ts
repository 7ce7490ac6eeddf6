/** A release on its way and the one that it takes over from. */
import type { Deployment, Pair } from '../ports/target.ts';
import { bringToLife, sketch } from './deployment.ts';
import type { Run } from './run.ts';
import type { World } from './world.ts';

/** Complete where instances of both may have to be started, otherwise as much as it takes to look. */
export async function pairOf(
  world: World,
  run: Run,
  { fresh, live }: { fresh: Deployment; live: boolean },
): Promise<Pair> {
  const row = run.before!;
  const release = (await world.store.transaction((tx) => tx.releases.get(row.release)))!;
  const recorded = { row, release, environment: run.environment, project: run.project };
  return { fresh, stable: live ? await bringToLife(world, recorded) : sketch(recorded) };
}
