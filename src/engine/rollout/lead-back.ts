/**
 * Whoever looks at a rollout and sees that its requests must go back leads them back itself, at once: to queue for a worker would
 * cost users a part of a second. A worker then does the rest, and leads them back once more, which changes nothing.
 */
import { asFailure } from '../../domain/base/failure.ts';
import { plus, type Instant } from '../../domain/base/time.ts';
import type { Lease } from '../../domain/promotion/facts.ts';
import { eventOf, type RolloutDecision } from '../../domain/rollout/decide.ts';
import type { Span } from '../../domain/rollout/judge.ts';
import { evolve, noTraffic, type Rollout } from '../../domain/rollout/rollout.ts';
import type { RolloutRow } from '../../ports/rollouts.ts';
import type { PromotionRow, Transaction } from '../../ports/store.ts';
import type { Beside, Pair } from '../../ports/target.ts';
import { actors } from '../announce.ts';
import { rolloutEvents } from './announce-rollout.ts';
import { leaseTime } from '../leases.ts';
import { recordLook } from './record-look.ts';
import { lookAttempt, nobodysLease } from './waiting-rollout.ts';
import type { World } from '../world.ts';

export interface Leading {
  readonly row: RolloutRow;
  readonly promotion: PromotionRow;
  readonly beside: Beside;
  readonly pair: Pair;
  /** With what was counted and measured until now. */
  readonly rollout: Rollout;
  readonly span: Span | undefined;
  readonly decision: Extract<RolloutDecision, { do: 'return' }>;
  readonly at: Instant;
}

/** R7: under the lease, so that nobody else leads requests meanwhile. What fails here is left to the worker. */
export async function leadBack(world: World, leading: Leading): Promise<void> {
  const { promotion, rollout, beside, pair } = leading;
  const lease = await world.store.transaction((tx) => recordReturn(world, tx, leading));
  if (lease === undefined) return;
  const held = world.leases.hold(promotion.promotion.id, lease.id);
  try {
    await beside.share(pair, { ...noTraffic, users: rollout.users });
  } catch (thrown) {
    world.log.warn('requests could not be led back at once; a worker goes on', { reason: asFailure(thrown).message });
  } finally {
    held.release();
  }
  await world.store.transaction((tx) => leave(world, tx, { leading, lease }));
  world.jobs.kick('deploy');
}

/** R40: recorded before it is done. `undefined` when somebody else has it by now, or a person changed it. */
async function recordReturn(world: World, tx: Transaction, leading: Leading): Promise<Lease | undefined> {
  const { row, promotion, rollout, decision, at } = leading;
  const { id } = promotion.promotion;
  const waits = (await tx.environments.lock(row.environment))?.lease;
  if (waits?.promotion !== id || waits.holder !== undefined) return undefined;
  const event = eventOf(rollout, decision, { by: actors.engine, at });
  const after = event === undefined ? rollout : evolve(rollout, event);
  if (!(await tx.rollouts.update({ rollout: after, version: row.version, waiting: undefined, dueAt: undefined })))
    return undefined;
  await recordLook(tx, { ...leading, before: row.rollout });
  const events = event === undefined ? [] : [event];
  await tx.events.append(
    ...rolloutEvents(
      { project: promotion.project, promotion: promotion.promotion },
      { before: row.rollout, events, at },
    ),
  );
  const lease = { ...waits, holder: world.replica, expiresAt: plus(world.clock.now(), leaseTime) };
  await tx.environments.setLease(row.environment, lease);
  return lease;
}

async function leave(world: World, tx: Transaction, { leading, lease }: { leading: Leading; lease: Lease }) {
  const { environment, looks } = leading.row;
  const now = (await tx.environments.lock(environment))?.lease;
  if (now?.id !== lease.id || now.holder !== world.replica) return;
  await tx.environments.setLease(environment, nobodysLease(lease.id, lease.promotion, world.clock.now()));
  await tx.enqueue({ kind: 'deploy', promotion: lease.promotion, environment }, { attempt: lookAttempt(looks) });
}
