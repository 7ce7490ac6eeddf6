/** Ends what a deployment replaced, once nothing is under way there: until then returning to it is instant (R32). */
import { asFailure } from '../../domain/base/failure.ts';
import type { LeaseId } from '../../domain/base/id.ts';
import { plus, type Duration } from '../../domain/base/time.ts';
import { sketch, type Recorded } from './deployment.ts';
import { newId, type World } from '../world.ts';

/** How long ending them may take before somebody else may deploy there. */
const clearingTime = 60_000 as Duration;
const lookAgainSoon = 1_000 as Duration;

/** R7: under the lease, so that no promotion returns to a service while it is being ended. */
export async function clear(
  world: World,
  crowded: Recorded,
  take: (lease: LeaseId, until: Duration) => Promise<boolean>,
): Promise<void> {
  const lease = newId(world, 'lse');
  if (!(await take(lease, clearingTime))) return;
  const left = await world.targets[crowded.row.snapshot.target.kind]
    .retire(sketch(crowded))
    .catch((thrown: unknown) => {
      world.log.warn('what was replaced could not be ended yet', {
        environment: crowded.environment.spec.name,
        reason: asFailure(thrown).message,
      });
      return 'draining' as const;
    });
  await world.store.transaction(async (tx) => {
    const environment = (await tx.environments.lock(crowded.environment.id))!;
    if (environment.lease?.id !== lease) return;
    const now = world.clock.now();
    await tx.environments.setLease(environment.id, undefined);
    await tx.environments.setDue(environment.id, now);
    if (left === 'draining') await tx.environments.setHealDue(environment.id, plus(now, lookAgainSoon));
  });
}
