/** Starts again instances of a service that were lost while the others serve on: the deployment stays the same. */
import type { LeaseId } from '../domain/base/id.ts';
import { plus, type Duration } from '../domain/base/time.ts';
import type { Transaction } from '../ports/store.ts';
import { actors } from './announce.ts';
import { bringToLife, type Recorded } from './deployment.ts';
import { whyNot } from './why-not.ts';
import { newId, type World } from './world.ts';

const mendingTime = 120_000 as Duration;
/** What could not be mended is tried again after this: it serves meanwhile. */
const pauseAfterFailure = 60_000 as Duration;

export async function mend(
  world: World,
  incomplete: Recorded,
  { because, take }: { because: string; take: (lease: LeaseId, time: Duration) => Promise<boolean> },
): Promise<void> {
  const lease = newId(world, 'lse');
  // R7: no promotion deploys meanwhile.
  if (!(await take(lease, mendingTime))) return;
  await world.store.transaction((tx) => tell(world, tx, { incomplete, kind: 'environment.degraded', because }));
  const failed = await whyNot(() => startLost(world, incomplete));
  await world.store.transaction(async (tx) => {
    const environment = (await tx.environments.lock(incomplete.environment.id))!;
    if (environment.lease?.id !== lease) return;
    const now = world.clock.now();
    await tx.environments.setLease(environment.id, undefined);
    await tx.environments.setDue(environment.id, now);
    if (failed !== undefined) await tx.environments.setHealDue(environment.id, plus(now, pauseAfterFailure));
    const kind = failed === undefined ? 'environment.mended' : 'environment.still-degraded';
    await tell(world, tx, { incomplete, kind, because: failed ?? because });
  });
}

async function startLost(world: World, incomplete: Recorded): Promise<string | undefined> {
  const deployment = await bringToLife(world, incomplete);
  return world.targets[deployment.target.kind].mend?.(deployment, new AbortController().signal);
}

async function tell(
  world: World,
  tx: Transaction,
  { incomplete, kind, because }: { incomplete: Recorded; kind: string; because: string },
): Promise<void> {
  const { project, environment, release } = incomplete;
  await tx.events.append({
    kind,
    actor: actors.engine,
    at: world.clock.now(),
    project: project.id,
    environment: environment.id,
    release: release.id,
    data: { because },
  });
}
