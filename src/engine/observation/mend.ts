/** Starts again single instances of a service, lost ones or such as hang: the deployment stays the same. */
import type { Json } from '../../domain/base/digest.ts';
import type { LeaseId } from '../../domain/base/id.ts';
import { plus, type Duration } from '../../domain/base/time.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { bringToLife, type Recorded } from '../promotion/deployment.ts';
import { whyNot } from '../why-not.ts';
import { newId, type World } from '../world.ts';

const mendingTime = 120_000 as Duration;
/** What could not be mended is tried again after this: it serves meanwhile. */
const pauseAfterFailure = 60_000 as Duration;

export type Take = (lease: LeaseId, time: Duration) => Promise<boolean>;

export async function mend(
  world: World,
  incomplete: Recorded,
  { because, take }: { because: string; take: Take },
): Promise<void> {
  await putRight(world, incomplete, {
    because,
    take,
    time: mendingTime,
    events: { before: 'environment.degraded', after: 'environment.mended', inVain: 'environment.still-degraded' },
    act: () => startLost(world, incomplete),
    pauseAfterFailure,
  });
}

async function startLost(world: World, incomplete: Recorded): Promise<string | undefined> {
  const deployment = await bringToLife(world, incomplete);
  return world.targets[deployment.target.kind].mend?.(deployment, new AbortController().signal);
}

interface Remedy {
  readonly because: string;
  readonly take: Take;
  /** How long it may take at most. */
  readonly time: Duration;
  readonly events: { readonly before: string; readonly after: string; readonly inVain: string };
  /** What goes into these events beside the reason. */
  readonly data?: { readonly [key: string]: Json };
  /** Recorded with the first event, before anything is done. */
  readonly record?: (tx: Transaction) => Promise<void>;
  /** Answers why it came to nothing. */
  readonly act: () => Promise<string | undefined>;
  readonly pauseAfterFailure?: Duration;
}

/** R7: under the lease, so that no promotion deploys meanwhile. */
export async function putRight(world: World, patient: Recorded, remedy: Remedy): Promise<void> {
  const lease = newId(world, 'lse');
  if (!(await remedy.take(lease, remedy.time))) return;
  const { because, events } = remedy;
  await world.store.transaction(async (tx) => {
    await remedy.record?.(tx);
    await tell(world, tx, { patient, kind: events.before, data: { ...remedy.data, because } });
  });
  const failed = await whyNot(remedy.act);
  await world.store.transaction(async (tx) => {
    const environment = (await tx.environments.lock(patient.environment.id))!;
    if (environment.lease?.id !== lease) return;
    const now = world.clock.now();
    await tx.environments.setLease(environment.id, undefined);
    await tx.environments.setDue(environment.id, now);
    if (failed !== undefined && remedy.pauseAfterFailure !== undefined)
      await tx.environments.setHealDue(environment.id, plus(now, remedy.pauseAfterFailure));
    const kind = failed === undefined ? events.after : events.inVain;
    await tell(world, tx, { patient, kind, data: { ...remedy.data, because: failed ?? because } });
  });
}

async function tell(
  world: World,
  tx: Transaction,
  { patient, kind, data }: { patient: Recorded; kind: string; data: { readonly [key: string]: Json } },
): Promise<void> {
  const { project, environment, release } = patient;
  await tx.events.append({
    kind,
    actor: actors.engine,
    at: world.clock.now(),
    project: project.id,
    environment: environment.id,
    release: release.id,
    data,
  });
}
