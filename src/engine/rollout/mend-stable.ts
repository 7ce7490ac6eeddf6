/**
 * Starts the stable release of a rollout again, beside the new one, and ends first what hangs of it. Both have users while a person has to say how it goes on, so
 * neither may stay away.
 */
import type { DeploymentRow } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import type { Beside, Deployment, Sight } from '../../ports/target.ts';
import { actors } from '../announce.ts';
import { bringToLife, newDeployment } from '../promotion/deployment.ts';
import { throwIfInterrupted } from '../interrupted.ts';
import { requireLease } from '../promotion/require-lease.ts';
import type { Run } from '../promotion/run.ts';
import { whyNot } from '../why-not.ts';
import type { World } from '../world.ts';

interface Mending {
  readonly stable: Deployment;
  readonly is: Sight['stable'];
  readonly beside: Beside;
  readonly signal: AbortSignal;
}

/** False when it does not come up. @throws Interrupted, Failure `lease/lost`, Failure `database/unreachable`. */
export async function mendStable(world: World, run: Run, { stable, is, beside, signal }: Mending): Promise<boolean> {
  const row = await world.store.transaction((tx) => begin(world, tx, { run, is }));
  const said = await whyNot(async () => {
    await beside.end(stable);
    return startAgain(world, run, { row, beside, signal });
  });
  throwIfInterrupted(signal);
  await world.store.transaction((tx) => record(world, tx, { run, row, said }));
  if (said === undefined) run.before = row;
  return said === undefined;
}

async function begin(
  world: World,
  tx: Transaction,
  { run, is }: { run: Run; is: Sight['stable'] },
): Promise<DeploymentRow> {
  await requireLease(tx, run);
  const before = run.before!;
  const release = (await tx.releases.get(before.release))!;
  const { promotion, undoes, snapshot } = before;
  const { environment } = run;
  const row = newDeployment(world, { environment, release, promotion, undoes, cause: 'heal', like: before, snapshot });
  await tx.deployments.insert(row);
  await tx.events.append({
    ...about(world, run, before),
    kind: 'environment.down',
    data: {
      because: `release #${release.number}, which shares the requests, ${is === 'silent' ? 'answers nothing' : 'is down'}`,
    },
  });
  return row;
}

/** Why it does not serve; `undefined` when it does. */
async function startAgain(
  world: World,
  { environment, project }: Run,
  { row, beside, signal }: { row: DeploymentRow; beside: Beside; signal: AbortSignal },
): Promise<string | undefined> {
  const release = (await world.store.transaction((tx) => tx.releases.get(row.release)))!;
  const again = await bringToLife(world, { row, environment, release, project });
  await world.targets[again.target.kind].prepare(again);
  const answer = await beside.start(again, signal);
  if (answer.deployed === 'ready') return undefined;
  return 'because' in answer ? answer.because : 'its start was interrupted';
}

async function record(
  world: World,
  tx: Transaction,
  { run, row, said }: { run: Run; row: DeploymentRow; said: string | undefined },
): Promise<void> {
  await requireLease(tx, run);
  if (said === undefined) await tx.deployments.occupy(run.environment.id, row.id, world.clock.now());
  await tx.events.append({
    ...about(world, run, row),
    kind: said === undefined ? 'environment.healed' : 'environment.still-down',
    data: { deployment: row.id, ...(said === undefined ? {} : { because: said }) },
  });
}

function about(world: World, { project, environment }: Run, { release }: DeploymentRow) {
  return { actor: actors.engine, at: world.clock.now(), project: project.id, environment: environment.id, release };
}
