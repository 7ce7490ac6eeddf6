/** A person asks for a release in an environment. The gates still have to open. */
import { Failure } from '../../domain/base/failure.ts';
import type { PromotionId } from '../../domain/base/id.ts';
import { availability } from '../../domain/gate/availability.ts';
import type { EnvironmentFacts, Hold } from '../../domain/promotion/facts.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Environment, StoredRelease } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { apply } from './apply.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { goOn } from './reconcile.ts';
import { newId, type World } from '../world.ts';

export interface PromoteRequest {
  readonly project: string | undefined;
  readonly release: string;
  readonly environment: string;
  readonly actor: string;
}

export interface PromoteAnswer {
  readonly promotion: PromotionId;
  /** R28: set when it was not the newest release. */
  readonly held: boolean;
}

/** Asking again for what is already on its way answers the promotion that is. */
export async function promote(world: World, request: PromoteRequest): Promise<PromoteAnswer> {
  const answer = await world.store.transaction((tx) => promoteIn(world, tx, request));
  world.jobs.kick('deploy');
  return answer;
}

export async function promoteIn(world: World, tx: Transaction, request: PromoteRequest): Promise<PromoteAnswer> {
  const project = await findProject(tx, request.project);
  const named = await findEnvironment(tx, project.id, request.environment);
  const release = await findRelease(tx, project.id, request.release);
  const environment = (await tx.environments.lock(named.id))!;
  const facts = await tx.environments.facts(environment.id, { now: world.clock.now(), alsoRelease: release.id });
  const underWay = facts.open.find(
    (open) =>
      open.release === release.id &&
      open.kind === 'promotion' &&
      (open.progress.state === 'running' || open.origin.by === 'person'),
  );
  if (underWay !== undefined) return { promotion: underWay.id, held: environment.hold !== undefined };
  if (facts.pin !== undefined && facts.pin.release !== release.id) {
    throw new Failure(
      'promotion/refused',
      `${environment.spec.name} is pinned to ${facts.pin.release} by ${facts.pin.by}: ${facts.pin.reason}`,
      { hint: `liftlock unpin ${environment.spec.name}` },
    );
  }
  const hold = await holdOrLift(world, tx, { environment, facts, release, actor: request.actor });
  const promotion = await openPromotion(world, tx, { environment, facts, release, actor: request.actor });
  await goOn(world, tx, {
    environment,
    facts: { ...facts, hold, open: [...facts.open.filter((other) => !replaces(promotion, other)), promotion] },
  });
  return { promotion: promotion.id, held: hold !== undefined };
}

/** R28: anything but the newest eligible release stops automation here; the newest sets it going again. Answers the hold from now on. */
async function holdOrLift(
  world: World,
  tx: Transaction,
  {
    environment,
    facts,
    release,
    actor,
  }: { environment: Environment; facts: EnvironmentFacts; release: StoredRelease; actor: string },
): Promise<Hold | undefined> {
  const at = world.clock.now();
  const newer = facts.releases.find(
    (other) =>
      other.number > release.number && other.veto === undefined && availability(facts.spec, other).answer === 'open',
  );
  const runsNewer = facts.running !== undefined && facts.running.number > release.number;
  const about = { actor, at, project: environment.project, environment: environment.id, release: release.id };
  if (newer !== undefined || runsNewer) {
    const reason = `release #${release.number} was promoted by hand although #${newer?.number ?? facts.running!.number} is newer`;
    const hold = { by: actor, reason, at };
    await tx.environments.setHold(environment.id, hold);
    await tx.events.append({ kind: 'environment.held', ...about, data: { reason } });
    return hold;
  }
  if (environment.hold !== undefined) {
    await tx.environments.setHold(environment.id, undefined);
    await tx.events.append({
      kind: 'environment.hold-released',
      ...about,
      data: { because: 'the newest release was promoted by hand' },
    });
  }
  return undefined;
}

async function openPromotion(
  world: World,
  tx: Transaction,
  {
    environment,
    facts,
    release,
    actor,
  }: { environment: Environment; facts: EnvironmentFacts; release: StoredRelease; actor: string },
): Promise<Promotion> {
  const now = world.clock.now();
  const promotion: Promotion = {
    id: newId(world, 'prm'),
    environment: environment.id,
    release: release.id,
    kind: 'promotion',
    origin: { by: 'person', actor },
    requestedAt: now,
    progress: { state: 'waiting' },
  };
  await tx.promotions.insert(promotion, environment.project);
  await tx.events.append({
    kind: 'promotion.requested',
    actor,
    at: now,
    project: environment.project,
    environment: environment.id,
    release: release.id,
    promotion: promotion.id,
    data: { by: actor },
  });
  for (const waiting of facts.open.filter((other) => replaces(promotion, other))) {
    await apply(
      tx,
      { project: environment.project, promotion: waiting },
      { do: 'supersede', by: promotion.id, at: now },
    );
  }
  return promotion;
}

/** The same release, waiting because a trigger asked for it: the person's wish takes its place in any queue mode. */
function replaces(promotion: Promotion, waiting: Promotion): boolean {
  return waiting.release === promotion.release && waiting.progress.state === 'waiting' && waiting.kind === 'promotion';
}
