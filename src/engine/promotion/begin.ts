/** Takes a started promotion into this worker's hands, or finds that it is in nobody's or somebody else's. */
import type { PromotionId } from '../../domain/base/id.ts';
import { plus, type Instant } from '../../domain/base/time.ts';
import { lastingGates } from '../../domain/gate/all.ts';
import { factsOf } from '../../domain/promotion/facts.ts';
import { planHash } from '../../domain/promotion/plan.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { DeploymentRow, Environment, Project, StoredRelease, Transaction } from '../../ports/store.ts';
import type { Run } from './run.ts';
import { apply } from './apply.ts';
import { newDeployment, snapshotOf } from './deployment.ts';
import { leaseTime } from '../leases.ts';
import { judge, planOf } from '../gate/question.ts';
import { isShut } from './shut.ts';
import { newId, type World } from '../world.ts';

/** `undefined`: it has ended, or another live worker holds it. */
export async function begin(world: World, id: PromotionId): Promise<Run | undefined> {
  return world.store.transaction(async (tx) => {
    const found = await tx.promotions.get(id);
    if (found === undefined || found.promotion.progress.state !== 'running') return undefined;
    const environment = await tx.environments.lock(found.promotion.environment);
    const project = environment && (await tx.projects.get(environment.project));
    const current = await tx.promotions.get(id);
    if (environment === undefined || project === undefined || current?.promotion.progress.state !== 'running')
      return undefined;
    if (!(await mayTake(world, tx, { environment, promotion: id }))) return undefined;
    if (await lostItsPass(world, tx, { environment, promotion: current.promotion })) return undefined;
    return take(world, tx, { environment, project, promotion: current.promotion });
  });
}

/** R7: free, run out, or left behind by a replica that is gone. */
async function mayTake(
  world: World,
  tx: Transaction,
  taken: { environment: Environment; promotion: PromotionId },
): Promise<boolean> {
  const { lease } = taken.environment;
  if (lease?.holder === undefined || lease.expiresAt <= world.clock.now()) return true;
  // Ours, but for something else: the healing of what ran before.
  if (lease.holder === world.replica)
    return lease.promotion === taken.promotion && !world.leases.isHeld(lease.promotion);
  return tx.replicas.isGone(lease.holder);
}

/** R24: between its start and this moment nothing was done; what has shut since makes it wait again. */
async function lostItsPass(
  world: World,
  tx: Transaction,
  { environment, promotion }: { environment: Environment; promotion: Promotion },
): Promise<boolean> {
  const { progress, stop } = promotion;
  if (progress.state !== 'running' || progress.phase !== 'preparing' || stop !== undefined) return false;
  return isShut(world, tx, { environment, promotion });
}

async function take(
  world: World,
  tx: Transaction,
  taken: { environment: Environment; project: Project; promotion: Promotion },
): Promise<Run> {
  const { environment, project } = taken;
  const now = world.clock.now();
  const lease = newId(world, 'lse');
  await tx.environments.setLease(environment.id, {
    id: lease,
    promotion: taken.promotion.id,
    holder: world.replica,
    expiresAt: plus(now, leaseTime),
  });
  const { promotion } = await apply(
    tx,
    { project: project.id, promotion: taken.promotion },
    { do: 'take', lease, at: now },
  );
  const release = (await tx.releases.get(promotion.release))!;
  const row = await deploymentOf(world, tx, { environment, promotion, release });
  const before = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  const closedBecause = await noLongerAvailable(world, tx, { environment, promotion, now });
  return {
    promotion,
    lease,
    project,
    environment,
    release,
    row,
    before,
    stopping: promotion.stop !== undefined,
    closedBecause,
  };
}

/** The same deployment again after a crash; R36: a rollback starts the release the way it was last started here. */
async function deploymentOf(
  world: World,
  tx: Transaction,
  { environment, promotion, release }: { environment: Environment; promotion: Promotion; release: StoredRelease },
): Promise<DeploymentRow> {
  const earlier = (await tx.deployments.ofPromotion(promotion.id)).find(({ cause }) => cause === 'promotion');
  if (earlier !== undefined) return earlier;
  const last = promotion.kind === 'rollback' ? await tx.deployments.lastOf(environment.id, release.id) : undefined;
  const snapshot = last?.snapshot ?? snapshotOf(environment, release);
  const row = newDeployment(world, {
    environment,
    release,
    promotion: promotion.id,
    cause: 'promotion',
    like: last,
    snapshot,
  });
  await tx.deployments.insert(row);
  return row;
}

/** R5: judged again immediately before it deploys. Once it has begun to replace what runs, it goes on. */
async function noLongerAvailable(
  world: World,
  tx: Transaction,
  { environment, promotion, now }: { environment: Environment; promotion: Promotion; now: Instant },
): Promise<string | undefined> {
  if (
    promotion.kind === 'rollback' ||
    (promotion.progress.state === 'running' && promotion.progress.phase !== 'preparing')
  )
    return undefined;
  if (environment.retired) return `${environment.spec.name} was removed from the pipeline`;
  const facts = await tx.environments.facts(environment.id, { now, alsoRelease: promotion.release });
  const release = factsOf(facts, promotion.release);
  if (release.veto !== undefined)
    return `release #${release.number} was vetoed by ${release.veto.by}: ${release.veto.reason}`;
  // R19, R21: what was judged and approved was this plan; a pipeline applied meanwhile makes it another.
  if (planHash(planOf(facts, promotion), world.sha256) !== promotion.planHash)
    return 'the plan has changed since its gates were asked; promote it again';
  const lost = judge(world, facts, promotion).all.filter(
    ({ gate, answer }) => lastingGates.has(gate) && answer !== 'open',
  );
  return lost.length === 0 ? undefined : lost.map(({ because }) => because).join('; ');
}
