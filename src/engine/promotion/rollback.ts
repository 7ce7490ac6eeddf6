/** A person goes back (R36, R37): a promotion of a release that was verified here, with lighter gates. */
import { Failure } from '../../domain/base/failure.ts';
import type { PromotionId, ReleaseId } from '../../domain/base/id.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Environment } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { reconcileIn } from './reconcile.ts';
import { newId, type World } from '../world.ts';

export interface RollbackRequest {
  readonly project: string | undefined;
  readonly environment: string;
  /** The last release verified here, before the one that runs, when absent. */
  readonly to: string | undefined;
  readonly reason: string;
  readonly actor: string;
}

export async function rollback(
  world: World,
  request: RollbackRequest,
): Promise<{ promotion: PromotionId; release: ReleaseId }> {
  const answer = await world.store.transaction((tx) => rollbackIn(world, tx, request));
  world.jobs.kick();
  return answer;
}

export async function rollbackIn(
  world: World,
  tx: Transaction,
  request: RollbackRequest,
): Promise<{ promotion: PromotionId; release: ReleaseId }> {
  const project = await findProject(tx, request.project);
  const named = await findEnvironment(tx, project.id, request.environment);
  const environment = (await tx.environments.lock(named.id))!;
  await refuseWhileUnsettled(tx, environment);
  const release =
    request.to === undefined ? await lastGood(tx, environment) : await verifiedHere(tx, environment, request.to);
  const at = world.clock.now();
  const promotion: Promotion = {
    id: newId(world, 'prm'),
    environment: environment.id,
    release,
    kind: 'rollback',
    origin: { by: 'person', actor: request.actor },
    requestedAt: at,
    progress: { state: 'waiting' },
  };
  await tx.promotions.insert(promotion, project.id);
  const about = {
    actor: request.actor,
    at,
    project: project.id,
    environment: environment.id,
    release,
    promotion: promotion.id,
  };
  await tx.environments.setHold(environment.id, {
    by: request.actor,
    reason: `rolled back by hand: ${request.reason}`,
    at,
  });
  await tx.events.append(
    { kind: 'promotion.requested', ...about, data: { rollback: true, reason: request.reason } },
    { kind: 'environment.held', ...about, data: { reason: `rolled back by hand: ${request.reason}` } },
  );
  await reconcileIn(world, tx, environment.id);
  return { promotion: promotion.id, release };
}

/** R37: nothing is rolled back while something is still settling, or while another rollback waits to do so. */
async function refuseWhileUnsettled(tx: Transaction, environment: Environment): Promise<void> {
  const [running] = await tx.promotions.list({ environment: environment.id, state: 'running', limit: 1 });
  const waiting = await tx.promotions.list({ environment: environment.id, state: 'waiting', limit: 200 });
  const unsettled = running ?? waiting.find(({ promotion }) => promotion.kind === 'rollback');
  if (unsettled === undefined) return;
  const { promotion, releaseNumber } = unsettled;
  const effect = unsettled === running ? 'puts back what ran before' : 'withdraws it';
  throw new Failure(
    'rollback/refused',
    `${promotion.kind} ${promotion.id} of release #${releaseNumber} to ${environment.spec.name} is still ${promotion.progress.state}`,
    {
      hint: `liftlock abort ${promotion.id} ${effect}`,
    },
  );
}

async function lastGood(tx: Transaction, environment: Environment): Promise<ReleaseId> {
  const { name } = environment.spec;
  const running = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  if (running === undefined) throw new Failure('rollback/no-target', `nothing has been deployed to ${name} yet`);
  const how = await tx.promotions.get(running.promotion);
  if (how?.promotion.kind === 'rollback') {
    throw new Failure('rollback/refused', `what runs in ${name} is itself the result of a rollback`, {
      hint: `name the release: liftlock rollback ${name} --to RELEASE`,
    });
  }
  const target = await tx.deployments.rollbackTarget(environment.id, running.release);
  if (target !== undefined) return target.release;
  throw new Failure('rollback/no-target', `no earlier release was verified in ${name}`, { hint: `liftlock status` });
}

async function verifiedHere(tx: Transaction, environment: Environment, text: string): Promise<ReleaseId> {
  const { name } = environment.spec;
  const release = await findRelease(tx, environment.project, text);
  const verification = await tx.verifications.find(environment.id, release.id);
  if (verification?.verdict === 'PASS') return release.id;
  const because =
    verification === undefined ? 'was never verified there' : `is not verified there: ${verification.reason}`;
  throw new Failure('rollback/refused', `release #${release.number} cannot be a rollback of ${name}: it ${because}`, {
    hint: `liftlock promote ${release.number} ${name}`,
  });
}
