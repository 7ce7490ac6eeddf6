/** A service that ends by itself again and again is told once an hour, however often it is looked at. */
import type { Instant } from '../../domain/base/time.ts';
import { actors } from '../announce.ts';
import type { Recorded } from '../promotion/deployment.ts';
import type { World } from '../world.ts';

const onceIn = 3_600_000;

export async function tellLooping(
  world: World,
  { project, environment, release }: Recorded,
  { because, again }: { readonly because: string; readonly again: boolean },
): Promise<void> {
  const at = world.clock.now();
  const notSince = (at - onceIn) as Instant;
  await world.store.transaction(async (tx) => {
    if (!(await tx.environments.tellLooping(environment.id, { release: release.id, at, notSince }))) return;
    await tx.events.append({
      kind: 'environment.crash-looping',
      actor: actors.engine,
      at,
      project: project.id,
      environment: environment.id,
      release: release.id,
      data: { because, ...(again ? { again } : {}) },
    });
  });
}
