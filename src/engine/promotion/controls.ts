/** What people set to stop or steer automation: hold, pin, veto, freeze, and the lifting of each (R26–R30). */
import { Failure } from '../../domain/base/failure.ts';
import type { FreezeId, ReleaseId } from '../../domain/base/id.ts';
import { earliest, type Instant } from '../../domain/base/time.ts';
import { exemptions, type Exemption } from '../../domain/promotion/facts.ts';
import type { Environment, NewEvent, Project, Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { reconcileIn } from './reconcile.ts';
import { stopRelease } from './stop.ts';
import { newId, type World } from '../world.ts';

export interface ControlRequest {
  readonly project: string | undefined;
  readonly environment: string;
  readonly reason: string;
  readonly actor: string;
}

export async function holdIn(world: World, tx: Transaction, request: ControlRequest): Promise<void> {
  const { environment, event } = await locate(world, tx, request);
  const at = world.clock.now();
  await tx.environments.setHold(environment.id, { by: request.actor, reason: request.reason, at });
  await tx.events.append(event('environment.held', { reason: request.reason }));
  await reconcileIn(world, tx, environment.id);
}

/** @throws Failure `hold/absent` when there is nothing to lift. */
export async function releaseHoldIn(world: World, tx: Transaction, request: ControlRequest): Promise<void> {
  const { environment, event } = await locate(world, tx, request);
  if (environment.hold === undefined)
    throw new Failure('hold/absent', `automation of ${environment.spec.name} is not on hold`);
  await tx.environments.setHold(environment.id, undefined);
  await tx.events.append(event('environment.hold-released', { because: request.reason }));
  await reconcileIn(world, tx, environment.id);
}

export async function pinIn(
  world: World,
  tx: Transaction,
  request: ControlRequest & { release: string },
): Promise<ReleaseId> {
  const { environment, project, event } = await locate(world, tx, request);
  const release = await findRelease(tx, project.id, request.release);
  await tx.environments.setPin(environment.id, {
    release: release.id,
    by: request.actor,
    reason: request.reason,
    at: world.clock.now(),
  });
  await tx.events.append({ ...event('environment.pinned', { reason: request.reason }), release: release.id });
  await reconcileIn(world, tx, environment.id);
  return release.id;
}

export async function unpinIn(world: World, tx: Transaction, request: ControlRequest): Promise<void> {
  const { environment, event } = await locate(world, tx, request);
  if (environment.pin === undefined) throw new Failure('hold/absent', `${environment.spec.name} is not pinned`);
  await tx.environments.setPin(environment.id, undefined);
  await tx.events.append(event('environment.unpinned', { because: request.reason }));
  await reconcileIn(world, tx, environment.id);
}

export interface VetoRequest {
  readonly project: string | undefined;
  readonly release: string;
  /** Every environment when absent. */
  readonly environment: string | undefined;
  readonly reason: string;
  readonly actor: string;
}

export async function vetoIn(world: World, tx: Transaction, request: VetoRequest): Promise<ReleaseId> {
  const { release, environments, event } = await locateRelease(world, tx, request);
  await tx.vetoes.insert({
    id: newId(world, 'vto'),
    release,
    environment: request.environment === undefined ? undefined : environments[0]!.id,
    by: request.actor,
    reason: request.reason,
    at: world.clock.now(),
  });
  await tx.events.append(event('release.vetoed', { reason: request.reason }));
  await stopRelease(world, tx, {
    environments: inLockOrder(environments),
    release,
    by: request.actor,
    cause: 'veto',
    reason: `vetoed by ${request.actor}: ${request.reason}`,
  });
  return release;
}

export async function liftVetoIn(world: World, tx: Transaction, request: VetoRequest): Promise<ReleaseId> {
  const { release, environments, event } = await locateRelease(world, tx, request);
  const lifted = await tx.vetoes.lift(release, request.environment === undefined ? undefined : environments[0]!.id, {
    by: request.actor,
    at: world.clock.now(),
  });
  if (lifted === 0) throw new Failure('hold/absent', `release ${request.release} is not vetoed there`);
  await tx.events.append(event('release.veto-lifted', { because: request.reason }));
  for (const id of inLockOrder(environments)) await reconcileIn(world, tx, id);
  return release;
}

export interface FreezeRequest {
  readonly project: string | undefined;
  /** Absent: the whole project. */
  readonly environment: string | undefined;
  /** True: every project. */
  readonly everything: boolean;
  readonly from: Instant;
  readonly until: Instant | undefined;
  /** R27: what it does not stop; both, when absent. */
  readonly exempt?: readonly Exemption[] | undefined;
  readonly reason: string;
  readonly actor: string;
}

export async function freezeIn(world: World, tx: Transaction, request: FreezeRequest): Promise<FreezeId> {
  if (request.until !== undefined && request.until <= request.from)
    throw new Failure('input/invalid', 'a freeze must end after it begins');
  const scope = request.everything ? undefined : await freezeScope(tx, request);
  const freeze = {
    id: newId(world, 'frz'),
    project: scope?.project.id,
    environment: scope?.environment?.id,
    by: request.actor,
    reason: request.reason,
    from: request.from,
    until: request.until,
    exempt: request.exempt ?? exemptions,
  };
  await tx.freezes.insert(freeze);
  await tx.events.append({
    kind: 'freeze.set',
    actor: request.actor,
    at: world.clock.now(),
    ...(freeze.project === undefined ? {} : { project: freeze.project }),
    ...(freeze.environment === undefined ? {} : { environment: freeze.environment }),
    data: {
      freeze: freeze.id,
      reason: request.reason,
      from: request.from,
      until: request.until,
      exempt: freeze.exempt,
    },
  });
  await wakeScope(tx, { ...freeze, at: request.from });
  return freeze.id;
}

export async function liftFreezeIn(
  world: World,
  tx: Transaction,
  request: { freeze: string; reason: string; actor: string },
): Promise<void> {
  const now = world.clock.now();
  const freeze = await tx.freezes.find(request.freeze);
  if (freeze === undefined || !(await tx.freezes.lift(freeze.id, request.actor, now))) {
    throw new Failure('freeze/unknown', `there is no freeze ${request.freeze} in force`, {
      hint: 'liftlock freeze --list',
    });
  }
  await tx.events.append({
    kind: 'freeze.lifted',
    actor: request.actor,
    at: now,
    ...(freeze.project === undefined ? {} : { project: freeze.project }),
    ...(freeze.environment === undefined ? {} : { environment: freeze.environment }),
    data: { freeze: freeze.id, because: request.reason },
  });
  await wakeScope(tx, { ...freeze, at: now });
}

async function freezeScope(
  tx: Transaction,
  request: FreezeRequest,
): Promise<{ project: Project; environment: Environment | undefined }> {
  const project = await findProject(tx, request.project);
  const environment =
    request.environment === undefined ? undefined : await findEnvironment(tx, project.id, request.environment);
  return { project, environment };
}

/** The sweep looks at every environment in scope when the freeze begins and when it is lifted, and no later than it would have. */
async function wakeScope(
  tx: Transaction,
  scope: { project: Project['id'] | undefined; environment: Environment['id'] | undefined; at: Instant },
): Promise<void> {
  const projects = scope.project === undefined ? (await tx.projects.list()).map(({ id }) => id) : [scope.project];
  for (const project of projects) {
    for (const { id } of await tx.environments.ofProject(project)) {
      if (scope.environment !== undefined && scope.environment !== id) continue;
      const environment = (await tx.environments.lock(id))!;
      await tx.environments.setDue(id, earliest(environment.dueAt, scope.at));
    }
  }
}

type EventMaker = (kind: string, data: NewEvent['data']) => NewEvent;

async function locate(
  world: World,
  tx: Transaction,
  request: ControlRequest,
): Promise<{ project: Project; environment: Environment; event: EventMaker }> {
  const project = await findProject(tx, request.project);
  const named = await findEnvironment(tx, project.id, request.environment);
  const environment = (await tx.environments.lock(named.id))!;
  const about = { actor: request.actor, at: world.clock.now(), project: project.id, environment: environment.id };
  return { project, environment, event: (kind, data) => ({ kind, ...about, data }) };
}

async function locateRelease(
  world: World,
  tx: Transaction,
  request: VetoRequest,
): Promise<{ release: ReleaseId; environments: readonly Environment[]; event: EventMaker }> {
  const project = await findProject(tx, request.project);
  const { id: release } = await findRelease(tx, project.id, request.release);
  const environments =
    request.environment === undefined
      ? (await tx.environments.ofProject(project.id)).filter(({ retired }) => !retired)
      : [await findEnvironment(tx, project.id, request.environment)];
  const about = {
    actor: request.actor,
    at: world.clock.now(),
    project: project.id,
    release,
    ...(request.environment === undefined ? {} : { environment: environments[0]!.id }),
  };
  return { release, environments, event: (kind, data) => ({ kind, ...about, data }) };
}

/** Upstream before downstream, as everywhere, so that two transactions never wait for each other. */
export function inLockOrder(environments: readonly Environment[]) {
  return [...environments].sort((left, right) => left.position - right.position).map(({ id }) => id);
}
