/**
 * Re-derives what is due (R39). Everything here could have been done by an event that got lost, a
 * worker that died or a clock that moved on; the sweep is why losing one only delays.
 */
import { asFailure } from '../domain/base/failure.ts';
import type { EnvironmentId } from '../domain/base/id.ts';
import { openLanes } from '../domain/base/lanes.ts';
import { plus, type Duration, type Instant } from '../domain/base/time.ts';
import type { Lease } from '../domain/promotion/facts.ts';
import { outcomeOfStop } from '../domain/promotion/promotion.ts';
import type { PromotionRow } from '../ports/records.ts';
import type { Transaction } from '../ports/store.ts';
import { actors } from './announce.ts';
import { apply } from './promotion/apply.ts';
import { sweepContributors } from './gate/contributors.ts';
import { askDue } from './gate/checks.ts';
import { heal } from './observation/heal.ts';
import { observe } from './trigger/observe.ts';
import { reconcile } from './promotion/reconcile.ts';
import { requestScheduled } from './promotion/reverify.ts';
import { newId, type World } from './world.ts';

/** How much is picked up in one sweep; the rest is due at the next. */
const batch = 200;
/** How many environments are looked after side by side. */
const atOnce = 8;
/** A build or verification whose job was not heard of for this long gets a new job. */
const stallTime = 60_000 as Duration;
/** A promotion that outlives this many workers is given up. */
const mostAttempts = 20;

/** One look at everything that is due. Each part fails by itself; what failed stays due. */
export async function sweep(world: World): Promise<void> {
  await reclaimLeases(world);
  await guarded(world, 'contributors', () => sweepContributors(world));
  for (const id of await due(world, (tx, now) => tx.environments.due(now, batch)))
    await guarded(world, 'reconcile', () => reconcile(world, id));
  for (const id of await due(world, (tx, now) => tx.environments.verifyDue(now, batch)))
    await guarded(world, 'verify', () => requestScheduled(world, id));
  await sweepChecks(world);
}

/** Questions to the world outside whose time has come. */
async function sweepChecks(world: World): Promise<void> {
  await guarded(world, 'check', () => askDue(world, batch));
}

/** Repositories whose time has come. Apart from `sweep`, because a slow network must not delay it. */
export async function sweepSources(world: World): Promise<void> {
  const projects = await world.store.transaction(async (tx) => {
    const now = world.clock.now();
    const found = await tx.projects.due(now, 20);
    // Postponed before looking, so that no other replica looks at the same time.
    for (const project of found)
      await tx.projects.setPoll(project.id, { ...project.poll, dueAt: plus(now, stallTime) });
    return found;
  });
  await Promise.all(projects.map(({ id }) => guarded(world, 'observe', () => observe(world, id))));
}

/** What should run and does not. */
export async function sweepServices(world: World): Promise<void> {
  // One that hangs is asked for as long as an answer may take; the others do not wait for it.
  const lanes = openLanes(atOnce);
  for (const id of await due(world, (tx, now) => tx.environments.healDue(now, batch)))
    await lanes.run(() => guarded(world, 'heal', () => heal(world, id)));
  await lanes.close();
}

/** Jobs that nobody works on any more although something waits for them. */
export async function sweepStalled(world: World): Promise<void> {
  await world.store.transaction(async (tx) => {
    const before = (world.clock.now() - stallTime) as Instant;
    for (const build of await tx.builds.stalled(before)) {
      await tx.builds.touch(build.id, world.clock.now());
      await tx.enqueue({ kind: 'build', build: build.id }, { attempt: queuedAttempt(world.clock.now()) });
    }
    for (const stalled of await tx.checks.stalled(before)) {
      await tx.checks.touch(stalled.id, world.clock.now());
      await tx.enqueue({ kind: 'check', check: stalled.id }, { attempt: queuedAttempt(world.clock.now()) });
    }
    for (const turn of await tx.rolloutMetrics.stalled(before)) {
      await tx.rolloutMetrics.touch(turn, world.clock.now());
      await tx.enqueue({ kind: 'measure', ...turn }, { attempt: queuedAttempt(world.clock.now()) });
    }
    for (const request of await tx.verificationRequests.stalled(before)) {
      await tx.enqueue(
        { kind: 'verify', environment: request.environment, release: request.release, request: request.id },
        { attempt: queuedAttempt(world.clock.now()) },
      );
    }
  });
}

/** R7, R15: a promotion whose worker is gone gets another one. */
async function reclaimLeases(world: World): Promise<void> {
  const reclaimed = await world.store.transaction(async (tx) => {
    const now = world.clock.now();
    const left = [...(await tx.environments.leasesToReclaim(now)), ...(await tx.environments.stranded(now))];
    for (const { environment, promotion } of left) {
      const lease = (await tx.environments.lock(environment))?.lease;
      if (lease !== undefined && (await isAlive(tx, lease, now))) continue;
      const row = await tx.promotions.get(promotion);
      if (row?.promotion.progress.state !== 'running') {
        if (lease?.promotion === promotion) await tx.environments.setLease(environment, undefined);
        await tx.environments.setDue(environment, now);
        continue;
      }
      // Nobody had it: it stands in the queue, which is no attempt. A job lost from there is made up for in the end.
      const queued = lease !== undefined && lease.promotion === promotion && lease.holder === undefined;
      const attempt = queued ? queuedAttempt(now) : await tx.promotions.countAttempt(promotion);
      if (!queued && attempt > mostAttempts) {
        await giveUp(world, tx, { environment, row, attempts: attempt });
        continue;
      }
      // Free, so that whoever gets the job may take it; looked at again only when that job had its time.
      await tx.environments.setLease(environment, {
        id: newId(world, 'lse'),
        promotion,
        holder: undefined,
        expiresAt: plus(now, stallTime),
      });
      await tx.enqueue({ kind: 'deploy', promotion, environment }, { attempt });
    }
    return left.length;
  });
  if (reclaimed > 0) world.jobs.kick('deploy');
}

/** One more job for each ten minutes in the queue, under a number that no attempt has. */
function queuedAttempt(now: Instant): number {
  return 1_000 + Math.floor(now / 600_000);
}

/** R15: whatever ends its workers would end the next one too. */
async function giveUp(
  world: World,
  tx: Transaction,
  lost: { environment: EnvironmentId; row: PromotionRow; attempts: number },
): Promise<void> {
  const { environment, row, attempts } = lost;
  const { progress } = row.promotion;
  if (progress.state !== 'running') return;
  const now = world.clock.now();
  const reason = `its worker was lost ${attempts} times; what runs in ${row.environmentName} now is unknown`;
  const { stop } = row.promotion;
  const outcome = stop === undefined ? 'errored' : outcomeOfStop(stop);
  await apply(
    tx,
    { project: row.project, promotion: row.promotion },
    { do: 'settle', lease: progress.lease, outcome, reason, at: now },
  );
  await tx.environments.setLease(environment, undefined);
  await tx.environments.setHold(environment, { by: actors.engine, reason, at: now });
  await tx.events.append({
    kind: 'environment.paged',
    actor: actors.engine,
    at: now,
    project: row.project,
    environment,
    release: row.promotion.release,
    promotion: row.promotion.id,
    data: { message: reason },
  });
  world.log.error('an environment needs a person', { environment: row.environmentName, reason });
}

/** Renewed or taken while we waited for the row. */
async function isAlive(tx: Transaction, { holder, expiresAt }: Lease, now: Instant): Promise<boolean> {
  return expiresAt >= now && (holder === undefined || !(await tx.replicas.isGone(holder)));
}

function due(
  world: World,
  list: (tx: Transaction, now: Instant) => Promise<readonly EnvironmentId[]>,
): Promise<readonly EnvironmentId[]> {
  return world.store.transaction((tx) => list(tx, world.clock.now()));
}

async function guarded(world: World, what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    world.log.error('something due could not be done and stays due', {
      what,
      code: failure.code,
      reason: failure.message,
    });
  }
}
