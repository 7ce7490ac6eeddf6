/**
 * Freezes, pins and windows that shut between the start of a promotion and the first thing that a user can notice of it (R24, R27).
 * What was not begun waits again; what was begun beside the release that serves ends. What users are on goes on.
 */
import { beginningGates } from '../../domain/gate/all.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { isExposed, isOver, type Rollout } from '../../domain/rollout/rollout.ts';
import type { EnvironmentFacts } from '../../domain/promotion/facts.ts';
import type { Environment, Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { apply } from './apply.ts';
import { judge } from '../gate/question.ts';
import { requireLease } from './require-lease.ts';
import type { Run } from './run.ts';
import type { World } from '../world.ts';

/** Why it may not begin now; `undefined` when it may. Only a pin still matters while users are on both releases: it names one. */
function whyShut(
  world: Pick<World, 'sha256'>,
  facts: EnvironmentFacts,
  { promotion, rollout }: { readonly promotion: Promotion; readonly rollout?: Rollout | undefined },
): string | undefined {
  const isNoticed = rollout !== undefined && isExposed(rollout);
  const shut = judge(world, facts, promotion).all.filter(
    ({ gate, answer }) => answer !== 'open' && beginningGates.has(gate) && (!isNoticed || gate === 'pin'),
  );
  return shut.length === 0 ? undefined : shut.map(({ because }) => because).join('; ');
}

/** The same for a promotion of which users notice nothing yet, from what is stored. The environment must be locked. */
export async function whyShutNow(world: World, tx: Transaction, promotion: Promotion): Promise<string | undefined> {
  const facts = await tx.environments.facts(promotion.environment, {
    now: world.clock.now(),
    alsoRelease: promotion.release,
  });
  return whyShut(world, facts, { promotion });
}

/** It has done nothing yet, so it waits again, for as long as the gates say (R42). The environment must be locked. */
async function putBack(
  world: World,
  tx: Transaction,
  { environment, promotion, reason }: { environment: Environment; promotion: Promotion; reason: string },
): Promise<void> {
  const at = world.clock.now();
  await apply(tx, { project: environment.project, promotion }, { do: 'put-back', reason, at });
  await tx.deployments.forget(promotion.id);
  await tx.environments.setLease(environment.id, undefined);
  // What its gates say now is asked and recorded by whoever looks next.
  await tx.environments.setDue(environment.id, at);
}

/** What it had begun to do is undone, and it ends `refused`. */
async function stopShut(
  world: World,
  tx: Transaction,
  { environment, promotion, reason }: { environment: Environment; promotion: Promotion; reason: string },
): Promise<void> {
  const at = world.clock.now();
  const request = {
    by: actors.engine,
    cause: 'shut',
    reason: `${reason}; promote it again when it may enter`,
    at,
  } as const;
  await apply(tx, { project: environment.project, promotion }, { do: 'stop', request });
}

/** For a moment after which users may notice something of a running promotion. True when it goes no further. The environment must be locked. */
export async function isShut(
  world: World,
  tx: Transaction,
  { environment, promotion }: { environment: Environment; promotion: Promotion },
): Promise<boolean> {
  const reason = await whyShutNow(world, tx, promotion);
  if (reason === undefined) return false;
  const isUntouched = promotion.progress.state === 'running' && promotion.progress.phase === 'preparing';
  await (isUntouched ? putBack : stopShut)(world, tx, { environment, promotion, reason });
  return true;
}

/** R14, R24, R27: whether a run goes no further, asked in the transaction after which users notice something of it. */
export async function isStopped(
  world: World,
  tx: Transaction,
  { environment, promotion: { id } }: Run,
): Promise<boolean> {
  const promotion = (await tx.promotions.get(id))?.promotion;
  return promotion?.stop !== undefined || promotion === undefined || isShut(world, tx, { environment, promotion });
}

/** The same for a run that has nothing else to record then. @throws Failure `lease/lost`. */
export async function mayBegin(world: World, run: Run): Promise<boolean> {
  return world.store.transaction(async (tx) => {
    await requireLease(tx, run);
    return !(await isStopped(world, tx, run));
  });
}

/** Stops a rollout that was going on when something shut, unless users are on it. */
export async function stopIfShut(
  world: World,
  tx: Transaction,
  { environment, facts }: { environment: Environment; facts: EnvironmentFacts },
): Promise<void> {
  const promotion = facts.open.find(({ progress }) => progress.state === 'running');
  if (promotion === undefined || promotion.stop !== undefined) return;
  const rollout = (await tx.rollouts.get(promotion.id))?.rollout;
  if (rollout === undefined || isOver(rollout)) return;
  const reason = whyShut(world, facts, { promotion, rollout });
  if (reason === undefined) return;
  await stopShut(world, tx, { environment, promotion, reason });
  // Nobody works on it: whoever looks next leads its requests back.
  if (environment.lease?.holder === undefined) await tx.rollouts.wake(promotion.id, facts.now);
}
