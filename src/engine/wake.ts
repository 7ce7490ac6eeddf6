/** News that may open a gate anywhere in a project: its environments are looked at again at once. */
import type { ProjectId } from '../domain/base/id.ts';
import type { Transaction } from '../ports/store.ts';
import type { World } from './world.ts';

/** In promotion order, as everybody takes them. */
export async function wakeProject(world: World, tx: Transaction, project: ProjectId): Promise<void> {
  const now = world.clock.now();
  for (const { id, retired } of await tx.environments.ofProject(project))
    if (!retired) await tx.environments.setDue(id, now);
}
