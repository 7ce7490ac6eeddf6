/** R14: a stop in the middle of a rollout leads all requests back at once. */
import { evolve, type ReturnCause } from '../../domain/rollout/rollout.ts';
import type { Beside, Deployment } from '../../ports/target.ts';
import { rolloutEvents } from './announce-rollout.ts';
import { sketch } from '../promotion/deployment.ts';
import { giveBack } from './give-back.ts';
import { pairOf } from './pair.ts';
import type { Restored } from '../promotion/restore.ts';
import type { Run } from '../promotion/run.ts';
import { whyNot } from '../why-not.ts';
import type { World } from '../world.ts';

/** `undefined` when there is no rollout to stop: what ran before has to be put back, and answers or is gone by then. */
export async function takeBack(
  world: World,
  run: Run,
  as: { readonly why: ReturnCause; readonly because?: string } = { why: 'stopped' },
): Promise<Restored | undefined> {
  const row = await world.store.transaction((tx) => tx.rollouts.get(run.promotion.id));
  const fresh = sketch(run);
  const beside = world.targets[fresh.target.kind].beside?.(fresh);
  if (beside === undefined || run.before === undefined) return undefined;
  if (row === undefined) return endHanging(world, run, { fresh, beside });
  await recordReturn(world, run, as);
  return giveBack(world, run, { fresh, beside, rollout: row.rollout });
}

/** A stable release that hangs would be waited for until its deadline, and not answer in the end. */
async function endHanging(
  world: World,
  run: Run,
  { fresh, beside }: { readonly fresh: Deployment; readonly beside: Beside },
): Promise<undefined> {
  const pair = await pairOf(world, run, { fresh, live: false });
  const said = await whyNot(async () => {
    const { stable } = await beside.look(pair);
    if (stable === 'silent') await beside.end(pair.stable);
    return undefined;
  });
  // Whoever puts it back says so if it serves nobody.
  if (said !== undefined) world.log.warn('nobody could see whether the stable release hangs', { reason: said });
}

/** Recorded before it is done, so that nothing else is done with it (R40). */
async function recordReturn(
  world: World,
  run: Run,
  as: { readonly why: ReturnCause; readonly because?: string },
): Promise<void> {
  await world.store.transaction(async (tx) => {
    await tx.environments.lock(run.environment.id);
    const { rollout, version } = (await tx.rollouts.lock(run.promotion.id))!;
    if (rollout.state.is === 'returned') return;
    const at = world.clock.now();
    const because =
      as.because ?? (await tx.promotions.get(run.promotion.id))?.promotion.stop?.reason ?? 'it was stopped';
    const event = { event: 'rollout.returned', why: as.why, because, at } as const;
    await tx.rollouts.update({ rollout: evolve(rollout, event), version, waiting: undefined, dueAt: undefined });
    const subject = { project: run.project.id, promotion: run.promotion };
    await tx.events.append(...rolloutEvents(subject, { before: rollout, events: [event], at }));
  });
}
