/** Puts back what ran in an environment before a promotion that is being stopped (R14, R31). */
import type { Transaction } from '../ports/store.ts';
import type { Run } from './run.ts';
import { bringToLife, newDeployment } from './deployment.ts';
import type { World } from './world.ts';

/** A sentence for the record. @throws Failure when what was there before cannot be started again. */
export async function restore(world: World, run: Run): Promise<string> {
  const target = world.targets[run.row.snapshot.target.kind];
  if (run.before === undefined) {
    await target.stop(run.environment.id, run.row.snapshot.service.stopGrace);
    return 'nothing had run here before; the environment is empty again';
  }
  const row = await world.store.transaction((tx) => restoreRow(world, tx, run));
  const release = await world.store.transaction((tx) => tx.releases.get(row.release));
  const deployment = await bringToLife(world, { row, environment: run.environment, release: release!, project: run.project });
  await target.prepare(deployment);
  const answer = await target.deploy(deployment, new AbortController().signal);
  if (answer.deployed === 'ready') return `release #${release!.number} serves again`;
  const because = answer.deployed === 'stopped' ? 'its start was interrupted' : answer.because;
  return `release #${release!.number} was started again but is not ready: ${because}`;
}

/** The same restoring deployment again after a crash. */
async function restoreRow(world: World, tx: Transaction, run: Run) {
  const earlier = (await tx.deployments.ofPromotion(run.promotion.id)).find(({ cause }) => cause === 'restore');
  if (earlier !== undefined) return earlier;
  const before = run.before!;
  const release = (await tx.releases.get(before.release))!;
  const row = newDeployment(world, {
    environment: run.environment,
    release,
    promotion: run.promotion.id,
    cause: 'restore',
    snapshot: before.snapshot,
  });
  await tx.deployments.insert(row);
  return row;
}
