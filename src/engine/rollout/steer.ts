/** What people do to a rollout that is under way: pause, resume, skip a step, promote fully (R31). */
import { Failure } from '../../domain/base/failure.ts';
import type { PromotionId } from '../../domain/base/id.ts';
import { command, type RolloutVerb } from '../../domain/rollout/command.ts';
import { evolve, isExposed } from '../../domain/rollout/rollout.ts';
import type { PromotionRow, Transaction } from '../../ports/store.ts';
import { rolloutEvents } from './announce-rollout.ts';
import { findEnvironment, findProject } from '../find.ts';
import { wakeRollout } from './look-at-rollouts.ts';
import { whyShutNow } from '../promotion/shut.ts';
import type { World } from '../world.ts';

export interface Steering {
  readonly project: string | undefined;
  readonly environment: string;
  readonly verb: RolloutVerb;
  readonly reason: string;
  readonly actor: string;
}

/** Wakes the worker that carries it out; the caller kicks the queue after the commit. */
export async function steerIn(world: World, tx: Transaction, asked: Steering): Promise<PromotionId> {
  const project = await findProject(tx, asked.project);
  const environment = await findEnvironment(tx, project.id, asked.environment);
  await tx.environments.lock(environment.id);
  const running = await runningRollout(tx, environment.id);
  if (running === undefined) throw nothingToSteer(environment.spec.name);
  const { promotion, row } = running;
  if (promotion.promotion.stop !== undefined)
    throw new Failure('rollout/refused', `it is being stopped: ${promotion.promotion.stop.reason}`);
  const at = world.clock.now();
  const answer = command(row.rollout, { do: asked.verb, by: asked.actor, reason: asked.reason, at });
  if (!answer.accepted) throw new Failure('rollout/refused', `${environment.spec.name}: ${answer.message}`);
  if (answer.events.length === 0) return promotion.promotion.id;
  const rollout = answer.events.reduce(evolve, row.rollout);
  const shut =
    isExposed(row.rollout) || !isExposed(rollout) ? undefined : await whyShutNow(world, tx, promotion.promotion);
  if (shut !== undefined) throw new Failure('rollout/refused', `no user may reach the new release now: ${shut}`);
  // What it waits for from now on is found out by whoever takes it.
  await tx.rollouts.update({ ...row, rollout, waiting: undefined });
  const subject = { project: promotion.project, promotion: promotion.promotion };
  await tx.events.append(...rolloutEvents(subject, { before: row.rollout, events: answer.events, at }));
  await wakeRollout(tx, promotion, at);
  return promotion.promotion.id;
}

/** The rollout that is under way in an environment, locked: nobody counts into it meanwhile. */
async function runningRollout(tx: Transaction, environment: PromotionRow['promotion']['environment']) {
  const [promotion] = await tx.promotions.list({ environment, state: 'running', limit: 1 });
  const row = promotion && (await tx.rollouts.lock(promotion.promotion.id));
  return promotion === undefined || row === undefined ? undefined : { promotion, row };
}

function nothingToSteer(name: string): Failure {
  return new Failure('rollout/none', `no rollout in steps is under way in ${name}`, {
    hint: `liftlock status shows what happens there; liftlock promote starts one`,
  });
}
