/** Sees to it that what should run in an environment does: after a reboot, or when something ended it from outside. */
import { asFailure } from '../../domain/base/failure.ts';
import type { EnvironmentId, LeaseId } from '../../domain/base/id.ts';
import { plus, type Duration } from '../../domain/base/time.ts';
import { keepOf } from '../../domain/rollout/all.ts';
import { isKnown, whyRestarting } from '../../domain/observation/ailing.ts';
import { runsHere } from '../../domain/pipeline/environment.ts';
import type { DeploymentRow, Environment, Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { isBusy } from './busy.ts';
import { clear } from '../promotion/clear.ts';
import { bringToLife, newDeployment, sketch, type Recorded } from '../promotion/deployment.ts';
import { tellLooping } from './looping.ts';
import { mend } from './mend.ts';
import { stopService } from '../pipeline/retire.ts';
import { watch } from './watch.ts';
import { newId, type World } from '../world.ts';

/** How often each environment is looked at, and how long one attempt to heal may take before another may try. */
const lookEvery = 5_000 as Duration;
const healingTime = 120_000 as Duration;
/** A release that keeps falling is given longer pauses. */
const longestPause = 300_000 as Duration;

export async function heal(world: World, id: EnvironmentId): Promise<void> {
  const patient = await world.store.transaction((tx) => load(world, tx, id));
  if (patient === undefined) return;
  if (isToStop(patient.environment)) return stopService(world, patient);
  const target = world.targets[patient.row.snapshot.target.kind];
  const observed = await target.inspect(sketch(patient));
  const { ailing } = patient.environment;
  const looping =
    observed.observed === 'unknown' ? undefined : (observed.looping ?? whyRestarting(ailing, patient.row.id));
  if (looping !== undefined)
    await tellLooping(world, patient, { because: looping, again: isKnown(ailing, patient.row.id) });
  const take = (lease: LeaseId, time: Duration) =>
    world.store.transaction((tx) => hold(world, tx, { patient, lease, time }));
  if (observed.observed === 'running' && observed.crowded && !isKept(world, patient))
    return clear(world, patient, take);
  if (observed.observed === 'running' && observed.instances.lost > 0)
    return mend(world, patient, { because: observed.instances.because ?? '', take });
  if (observed.observed === 'running') return watch(world, patient, take);
  if (observed.observed !== 'down') return;
  const taken = await world.store.transaction((tx) => begin(world, tx, { patient, because: observed.because }));
  if (taken === undefined) return;
  const { row, lease } = taken;
  world.log.warn('an environment is down and is being started again', {
    environment: patient.environment.spec.name,
    reason: observed.because,
  });
  try {
    const again = await bringToLife(world, { ...patient, row });
    await target.prepare(again);
    const answer = await target.deploy(again, new AbortController().signal);
    await world.store.transaction((tx) =>
      record(world, tx, {
        patient,
        row,
        lease,
        ready: answer.deployed === 'ready',
        said: 'because' in answer ? answer.because : '',
      }),
    );
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    await world.store.transaction((tx) =>
      record(world, tx, { patient, row, lease, ready: false, said: failure.message }),
    );
  }
}

/** R32: what was replaced goes on for as long as the rollout says, so that returning is instant. */
function isKept(world: World, { environment, row }: Recorded): boolean {
  const keep = keepOf(environment.spec.rollout);
  return row.occupiedFrom !== undefined && world.clock.now() < plus(row.occupiedFrom, keep);
}

async function load(world: World, tx: Transaction, id: EnvironmentId): Promise<Recorded | undefined> {
  const environment = await tx.environments.lock(id);
  if (environment === undefined) return undefined;
  const now = world.clock.now();
  const row = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  const concerns = isToStop(environment) || (row !== undefined && isToRun(environment, row));
  await tx.environments.setHealDue(id, concerns ? plus(now, lookEvery) : undefined);
  const busy = await isBusy(tx, environment, now);
  const project = await tx.projects.get(environment.project);
  const release = row && (await tx.releases.get(row.release));
  if (!concerns || busy || row === undefined || project === undefined || release === undefined) return undefined;
  return { environment, project, release, row };
}

/** A person wants an end of what runs in an environment that was removed from the pipeline. */
function isToStop({ retired, stopRequest }: Environment): boolean {
  return retired && stopRequest !== undefined;
}

/** Also in an environment that was removed, as long as its address is not another one's by now. */
function isToRun({ retired, port }: Environment, { snapshot: { target } }: DeploymentRow): boolean {
  return runsHere(target) && !(retired && port === undefined && target.port !== 'none');
}

/** Takes the lease, unless something else deploys there or did meanwhile. */
async function hold(
  world: World,
  tx: Transaction,
  { patient, lease, time }: { patient: Recorded; lease: LeaseId; time: Duration },
): Promise<boolean> {
  const environment = (await tx.environments.lock(patient.environment.id))!;
  const now = world.clock.now();
  if (environment.deployment !== patient.row.id || (await isBusy(tx, environment, now))) return false;
  await tx.environments.setLease(environment.id, {
    id: lease,
    promotion: patient.row.promotion,
    holder: world.replica,
    expiresAt: plus(now, time),
  });
  return true;
}

/** R7: healing holds the lease, so that no promotion deploys meanwhile. */
async function begin(
  world: World,
  tx: Transaction,
  { patient, because }: { patient: Recorded; because: string },
): Promise<{ row: DeploymentRow; lease: LeaseId } | undefined> {
  const { environment } = patient;
  const now = world.clock.now();
  const lease = newId(world, 'lse');
  if (!(await hold(world, tx, { patient, lease, time: healingTime }))) return undefined;
  const row = newDeployment(world, {
    environment,
    release: patient.release,
    promotion: patient.row.promotion,
    undoes: patient.row.undoes,
    cause: 'heal',
    like: patient.row,
    snapshot: patient.row.snapshot,
  });
  await tx.deployments.insert(row);
  await tx.events.append({
    kind: 'environment.down',
    actor: actors.engine,
    at: now,
    project: patient.project.id,
    environment: environment.id,
    release: patient.release.id,
    data: { because },
  });
  return { row, lease };
}

/** R7: whoever healed for longer than its lease records nothing; what was done since then counts. */
async function record(
  world: World,
  tx: Transaction,
  {
    patient,
    row,
    lease,
    ready,
    said,
  }: { patient: Recorded; row: DeploymentRow; lease: LeaseId; ready: boolean; said: string },
): Promise<void> {
  const environment = (await tx.environments.lock(patient.environment.id))!;
  if (environment.lease?.id !== lease) return;
  const now = world.clock.now();
  await tx.environments.setLease(environment.id, undefined);
  await tx.deployments.occupy(environment.id, row.id, now);
  const earlier = await tx.deployments.history(environment.id, 12);
  const failures = ready
    ? 0
    : earlier.filter(({ cause, createdAt }) => cause === 'heal' && now - createdAt < longestPause).length;
  await tx.environments.setHealDue(
    environment.id,
    plus(now, Math.min(longestPause, lookEvery * 2 ** failures) as Duration),
  );
  await tx.environments.setDue(environment.id, now);
  await tx.events.append({
    kind: ready ? 'environment.healed' : 'environment.still-down',
    actor: actors.engine,
    at: now,
    project: patient.project.id,
    environment: environment.id,
    release: patient.release.id,
    data: { deployment: row.id, because: said },
  });
}
