/** Abort, and what a veto does to promotions that are open (R14, R30). */
import { asFailure } from '../../domain/base/failure.ts';
import type { EnvironmentId, PromotionId } from '../../domain/base/id.ts';
import type { StopRequest } from '../../domain/promotion/promotion.ts';
import type { PromotionRow, Transaction } from '../../ports/store.ts';
import { apply } from './apply.ts';
import { findPromotion } from '../find.ts';
import { stopRollout } from '../rollout/look-at-rollouts.ts';
import { reconcileIn } from './reconcile.ts';
import type { World } from '../world.ts';

export interface AbortRequest {
  readonly promotion: string;
  readonly reason: string;
  readonly actor: string;
}

/** A waiting promotion ends at once; a running one is stopped, puts back what ran before, and then ends. */
export async function abort(world: World, request: AbortRequest): Promise<{ promotion: PromotionId; ended: boolean }> {
  const answer = await world.store.transaction((tx) => abortIn(world, tx, request));
  world.jobs.kick();
  if (!answer.ended) await tellHolder(world);
  return answer;
}

export async function abortIn(
  world: World,
  tx: Transaction,
  request: AbortRequest,
): Promise<{ promotion: PromotionId; ended: boolean }> {
  const found = await findPromotion(tx, request.promotion);
  await tx.environments.lock(found.promotion.environment);
  const row = (await tx.promotions.get(found.promotion.id))!;
  const ended = await stopIn(tx, row, {
    by: request.actor,
    cause: 'abort',
    reason: `aborted by ${request.actor}: ${request.reason}`,
    at: world.clock.now(),
  });
  if (ended) await reconcileIn(world, tx, row.promotion.environment);
  return { promotion: row.promotion.id, ended };
}

/** R30: every open promotion of a release in the environments named stops; waiting ones by what their gates say now. Answers which. */
export async function stopRelease(
  world: World,
  tx: Transaction,
  stop: {
    environments: readonly EnvironmentId[];
    release: PromotionRow['promotion']['release'];
    by: string;
    cause: StopRequest['cause'];
    /** The whole sentence. */
    reason: string;
  },
): Promise<readonly PromotionId[]> {
  const stopped: PromotionId[] = [];
  for (const environment of stop.environments) {
    await tx.environments.lock(environment);
    const open = await tx.promotions.list({ environment, release: stop.release, limit: 50 });
    for (const row of open.filter(({ promotion }) => promotion.progress.state === 'running')) {
      await stopIn(tx, row, {
        by: stop.by,
        cause: stop.cause,
        reason: stop.reason,
        at: world.clock.now(),
      });
    }
    stopped.push(...open.flatMap(({ promotion }) => (promotion.progress.state === 'ended' ? [] : [promotion.id])));
    await reconcileIn(world, tx, environment);
  }
  return stopped;
}

/** True when the promotion has ended by it. One that was started and is in nobody's hands yet ends at once, too. */
async function stopIn(tx: Transaction, row: PromotionRow, request: StopRequest): Promise<boolean> {
  const { promotion } = await apply(
    tx,
    { project: row.project, promotion: row.promotion, actor: request.by },
    { do: 'stop', request },
  );
  const { progress } = promotion;
  if (progress.state !== 'running') return progress.state === 'ended';
  const environment = await tx.environments.lock(promotion.environment);
  const untouched = progress.phase === 'preparing' && environment?.lease?.holder === undefined;
  if (!untouched || environment?.lease?.promotion !== promotion.id) {
    if (environment?.lease?.holder === undefined) await stopRollout(tx, row, request.at);
    return false;
  }
  const end = {
    do: 'settle',
    lease: progress.lease,
    outcome: 'aborted',
    reason: request.reason,
    at: request.at,
  } as const;
  await apply(tx, { project: row.project, promotion, actor: request.by }, end);
  await tx.environments.setLease(environment.id, undefined);
  return true;
}

/** The run learns of it at the next beat at the latest; when it is in this process, now. */
export async function tellHolder(world: World): Promise<void> {
  await world.leases.beat().catch((thrown: unknown) => {
    world.log.warn('leases could not be renewed', { reason: asFailure(thrown).message });
  });
}
