/**
 * What becomes of an environment that is no longer in the pipeline: nothing enters it any more, and what runs there goes
 * on serving until a person stops it. Removing a line from a file never ends a service by itself.
 */
import { Failure } from '../../domain/base/failure.ts';
import type { LeaseId } from '../../domain/base/id.ts';
import { plus, type Duration } from '../../domain/base/time.ts';
import type { DeploymentRow, Environment, Project } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { apply } from '../promotion/apply.ts';
import { findProject } from '../find.ts';
import { newId, type World } from '../world.ts';

/** More than ever wait in one environment at once. */
const mostWaiting = 10_000;
/** How long stopping a service may take before another worker may try. */
const stoppingTime = 120_000 as Duration;

/** R42: what waits for an environment that takes nothing any more ends, and says why. The environment's row must be locked. */
export async function refuseWaiting(world: World, tx: Transaction, environment: Environment): Promise<void> {
  const waiting = await tx.promotions.list({ environment: environment.id, state: 'waiting', limit: mostWaiting });
  for (const { promotion, project } of waiting) {
    await apply(
      tx,
      { project, promotion },
      {
        do: 'refuse',
        reason: `${environment.spec.name} was removed from the pipeline; promote it again when the environment is back`,
        at: world.clock.now(),
      },
    );
  }
}

export interface StopServiceRequest {
  readonly project: string | undefined;
  readonly environment: string;
  readonly reason: string;
  readonly actor: string;
}

/** Recorded now, carried out by the worker that looks after the service. @throws Failure `environment/in-force` unless it was removed from the pipeline. */
export async function stopServiceIn(
  world: World,
  tx: Transaction,
  request: StopServiceRequest,
): Promise<{ environment: string }> {
  const project = await findProject(tx, request.project);
  const named = (await tx.environments.ofProject(project.id)).find(({ spec }) => spec.name === request.environment);
  const environment = named && (await tx.environments.lock(named.id));
  if (environment === undefined)
    throw new Failure('environment/unknown', `there is no environment ${request.environment}`, {
      hint: 'liftlock status',
    });
  const { name } = environment.spec;
  if (!environment.retired)
    throw new Failure('environment/in-force', `${name} is in the pipeline: Liftlock would start its service again`, {
      hint: `remove ${name} from the pipeline file, liftlock apply, then liftlock stop ${name}`,
    });
  const running = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  if (running === undefined) throw new Failure('request/conflict', `nothing runs in ${name}`);
  if (environment.stopRequest !== undefined) return { environment: name };
  const at = world.clock.now();
  await tx.environments.setStopRequest(environment.id, { by: request.actor, reason: request.reason, at });
  await tx.environments.setHealDue(environment.id, at);
  await tx.events.append({
    kind: 'environment.stop-requested',
    actor: request.actor,
    at,
    project: project.id,
    environment: environment.id,
    release: running.release,
    data: { reason: request.reason },
  });
  return { environment: name };
}

/** Ends what runs in a retired environment that somebody asked to stop. Repeated after a crash until it is recorded as done. */
export async function stopService(
  world: World,
  { environment, project, row }: { environment: Environment; project: Project; row: DeploymentRow },
): Promise<void> {
  const lease = await world.store.transaction((tx) => takeLease(world, tx, { environment, row }));
  if (lease === undefined) return;
  await world.targets[row.snapshot.target.kind].stop(environment.id, row.snapshot.service.stopGrace);
  await world.store.transaction(async (tx) => {
    const now = await tx.environments.lock(environment.id);
    if (now?.lease?.id !== lease) return;
    const at = world.clock.now();
    await tx.environments.setLease(environment.id, undefined);
    // It came back into the pipeline while it was being stopped: then it is to run, and is started again.
    if (!now.retired) return tx.environments.setHealDue(environment.id, at);
    await tx.deployments.vacate(environment.id, at);
    await tx.events.append({
      kind: 'environment.stopped',
      actor: actors.engine,
      at,
      project: project.id,
      environment: environment.id,
      release: row.release,
      data: { by: now.stopRequest?.by, reason: now.stopRequest?.reason },
    });
  });
}

/** R7: nothing is deployed here meanwhile. */
async function takeLease(
  world: World,
  tx: Transaction,
  { environment, row }: { environment: Environment; row: DeploymentRow },
): Promise<LeaseId | undefined> {
  const now = await tx.environments.lock(environment.id);
  const at = world.clock.now();
  const taken = now?.lease !== undefined && now.lease.expiresAt > at;
  if (now?.stopRequest === undefined || taken || now.deployment !== row.id) return undefined;
  const id = newId(world, 'lse');
  await tx.environments.setLease(environment.id, {
    id,
    promotion: row.promotion,
    holder: world.replica,
    expiresAt: plus(at, stoppingTime),
  });
  return id;
}
