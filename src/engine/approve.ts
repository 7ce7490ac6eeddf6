/** A person decides about one release, one environment and one plan (R21–R23). */
import type { Digest } from '../domain/base/digest.ts';
import { Failure } from '../domain/base/failure.ts';
import type { PromotionId } from '../domain/base/id.ts';
import { planHash } from '../domain/promotion/plan.ts';
import type { Transaction } from '../ports/store.ts';
import { findEnvironment, findProject, findRelease } from './find.ts';
import { planOf, reconcileIn } from './reconcile.ts';
import { newId, type World } from './world.ts';

export interface DecisionRequest {
  readonly project: string | undefined;
  readonly release: string;
  readonly environment: string;
  readonly decision: 'approve' | 'reject';
  /** The plan the person saw. When it is not the plan of this moment, the decision is refused (R21). */
  readonly planHash: Digest | undefined;
  readonly reason: string;
  readonly actor: string;
}

export async function decideIn(
  world: World,
  tx: Transaction,
  request: DecisionRequest,
): Promise<{ promotion: PromotionId; planHash: Digest }> {
  const project = await findProject(tx, request.project);
  const named = await findEnvironment(tx, project.id, request.environment);
  const release = await findRelease(tx, project.id, request.release);
  const environment = (await tx.environments.lock(named.id))!;
  const now = world.clock.now();
  const facts = await tx.environments.facts(environment.id, { now, alsoRelease: release.id });
  const promotion = facts.open.find(
    (open) => open.release === release.id && open.kind === 'promotion' && open.progress.state === 'waiting',
  );
  if (promotion === undefined) {
    throw new Failure(
      'approval/refused',
      `no promotion of release #${release.number} to ${environment.spec.name} is waiting`,
      {
        hint: `liftlock promote ${release.number} ${environment.spec.name} asks for it; liftlock why ${release.number} ${environment.spec.name} tells more`,
      },
    );
  }
  if (!facts.spec.gates.some((gate) => gate.gate === 'approval')) {
    throw new Failure('approval/refused', `${environment.spec.name} asks for no approval`, {
      hint: `liftlock why ${release.number} ${environment.spec.name}`,
    });
  }
  const hash = planHash(planOf(facts, promotion), world.sha256);
  if (request.planHash !== undefined && request.planHash !== hash) {
    throw new Failure(
      'approval/stale',
      `the plan for release #${release.number} in ${environment.spec.name} has changed since it was read`,
      { hint: `liftlock plan ${release.number} ${environment.spec.name}` },
    );
  }
  const inserted = await tx.approvals.insert({
    id: newId(world, 'apr'),
    environment: environment.id,
    release: release.id,
    planHash: hash,
    actor: request.actor,
    decision: request.decision,
    reason: request.reason,
    at: now,
  });
  if (!inserted) throw new Failure('approval/refused', `${request.actor} has already decided about this plan`);
  await tx.events.append({
    kind: request.decision === 'approve' ? 'promotion.approved' : 'promotion.rejected',
    actor: request.actor,
    at: now,
    project: project.id,
    environment: environment.id,
    release: release.id,
    promotion: promotion.id,
    data: { planHash: hash, reason: request.reason },
  });
  await reconcileIn(world, tx, environment.id);
  return { promotion: promotion.id, planHash: hash };
}
