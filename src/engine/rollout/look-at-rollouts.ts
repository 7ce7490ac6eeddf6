/** Looks at rollouts that wait: measures, and hands them to a worker when there is something to do. Losing a look only delays it. */
import { asFailure } from '../../domain/base/failure.ts';
import { plus, type Duration, type Instant } from '../../domain/base/time.ts';
import { decide } from '../../domain/rollout/decide.ts';
import type { Beside, Pair } from '../../ports/target.ts';
import type { RolloutRow } from '../../ports/rollouts.ts';
import type { PromotionRow, Transaction } from '../../ports/store.ts';
import { sketch } from '../promotion/deployment.ts';
import { leadBack } from './lead-back.ts';
import { beginTurns, withMeasurements, type MeasuredRollout } from './measure.ts';
import { sidesOf } from './pair.ts';
import { recordLook } from './record-look.ts';
import { measuredNow } from './roll-out.ts';
import { lookAttempt, nextLook, waitingFor } from './waiting-rollout.ts';
import type { World } from '../world.ts';

/** A look that came to nothing is made up for after this. */
const again = 5_000 as Duration;
const batch = 100;
/** A look at a release that hangs takes seconds; an abort does not wait for it. */
const mostWait = 500;

export async function lookAtRollouts(world: World): Promise<void> {
  const rows = await world.store.transaction((tx) => {
    const now = world.clock.now();
    return tx.rollouts.claimDue(now, { until: plus(now, again), limit: batch });
  });
  const looks = rows.map((row) =>
    lookAt(world, row).catch((thrown: unknown) => {
      const failure = asFailure(thrown);
      world.log.warn('a rollout could not be looked at and is looked at again', {
        promotion: row.rollout.promotion,
        code: failure.code,
        reason: failure.message,
      });
    }),
  );
  if (rows.length > 0) await Promise.race([Promise.all(looks), world.clock.sleep(mostWait)]);
}

async function lookAt(world: World, row: RolloutRow): Promise<void> {
  const seen = await world.store.transaction((tx) => load(world, tx, row));
  if (seen === 'busy') return;
  if (seen === undefined) return handOver(world, row);
  const { stop } = seen.promotion.promotion;
  // Where old instances have to be started again first, that is a worker's to do.
  const isInstant = row.rollout.replacing === undefined;
  if (stop !== undefined) {
    if (!isInstant) return handOver(world, row);
    const decision = { do: 'return', why: 'stopped', because: stop.reason } as const;
    return leadBack(world, { ...seen, row, span: undefined, decision, at: world.clock.now() });
  }
  const sight = await seen.beside.look(seen.pair);
  const at = world.clock.now();
  const { rollout, span } = measuredNow(seen.rollout, sight, at);
  const facts = { now: at, stop: undefined, stable: sight.stable, fresh: sight.fresh, check: undefined };
  const decision = decide(rollout, facts);
  if (decision.do === 'return' && isInstant) return leadBack(world, { ...seen, row, rollout, span, decision, at });
  if (decision.do !== 'wait') return handOver(world, row);
  const begun = await world.store.transaction(async (tx) => {
    const waiting = waitingFor(decision, { before: row.waiting, at });
    const dueAt = nextLook(rollout, decision, at);
    if (!(await tx.rollouts.update({ rollout, version: row.version, waiting, dueAt }))) return false;
    await recordLook(tx, { before: row.rollout, rollout, span, decision, at });
    return beginTurns(tx, { rollout, openTurns: seen.openTurns, now: at });
  });
  if (begun) world.jobs.kick('measure');
}

interface Seen extends MeasuredRollout {
  readonly promotion: PromotionRow;
  readonly beside: Beside;
  readonly pair: Pair;
}

/** `busy` while a worker has it, and when it is over; `undefined` when the two sides are not what they were: a worker finds out. */
async function load(
  world: World,
  tx: Transaction,
  { rollout, environment: id }: RolloutRow,
): Promise<Seen | 'busy' | undefined> {
  const promotion = await tx.promotions.get(rollout.promotion);
  const environment = await tx.environments.get(id);
  if (promotion?.promotion.progress.state !== 'running' || environment === undefined) return 'busy';
  if (environment.lease?.promotion !== rollout.promotion || environment.lease.holder !== undefined) return 'busy';
  const project = await tx.projects.get(environment.project);
  const sides = await sidesOf(tx, rollout.promotion, environment);
  if (project === undefined || sides === undefined) return undefined;
  const fresh = sketch({ ...sides.fresh, environment, project });
  const beside = world.targets[fresh.target.kind].beside?.(fresh);
  return (
    beside && {
      promotion,
      beside,
      ...(await withMeasurements(tx, rollout)),
      pair: { fresh, stable: sketch({ ...sides.stable, environment, project }) },
    }
  );
}

/** A worker decides again, from what is true then. */
async function handOver(world: World, { rollout, environment, looks }: RolloutRow): Promise<void> {
  await world.store.transaction((tx) =>
    tx.enqueue({ kind: 'deploy', promotion: rollout.promotion, environment }, { attempt: lookAttempt(looks) }),
  );
  world.jobs.kick('deploy');
}

/** R14: it is to be stopped: whoever looks first leads its requests back, without waiting for a worker. */
export async function stopRollout(tx: Transaction, { promotion }: PromotionRow, at: Instant): Promise<void> {
  await tx.rollouts.wake(promotion.id, at);
}

/** Something was told to a rollout that waits: a worker takes it now. */
export async function wakeRollout(tx: Transaction, row: PromotionRow, at: Instant): Promise<void> {
  const { id, environment } = row.promotion;
  const looks = await tx.rollouts.wake(id, at);
  if (looks !== undefined)
    await tx.enqueue({ kind: 'deploy', promotion: id, environment }, { attempt: lookAttempt(looks) });
}
