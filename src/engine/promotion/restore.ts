/** Puts back what ran in an environment before a promotion that is being stopped (R14, R31). */
import { asFailure } from '../../domain/base/failure.ts';
import type { Transaction } from '../../ports/store.ts';
import type { Run } from './run.ts';
import { bringToLife, newDeployment } from './deployment.ts';
import { patiently } from '../patiently.ts';
import type { World } from '../world.ts';

export interface Restored {
  /** A sentence for the record. */
  readonly summary: string;
  /** False when the environment is not as it was. */
  readonly restored: boolean;
}

export const untouched: Restored = { summary: 'nothing had been replaced', restored: true };

/** Tries once: what cannot be put back is said, so that an abort ends (R15). @throws Failure `database/unreachable`. */
export async function restore(world: World, run: Run): Promise<Restored> {
  try {
    return run.before === undefined ? await empty(world, run) : await startAgain(world, run);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    return { summary: `what ran before could not be put back: ${failure.message}`, restored: false };
  }
}

async function empty(world: World, run: Run): Promise<Restored> {
  await world.targets[run.row.snapshot.target.kind].stop(run.environment.id, run.row.snapshot.service.stopGrace);
  return { summary: 'nothing had run here before; the environment is empty again', restored: true };
}

async function startAgain(world: World, run: Run): Promise<Restored> {
  const row = await world.store.transaction((tx) => restoreRow(world, tx, run));
  const release = (await world.store.transaction((tx) => tx.releases.get(row.release)))!;
  const deployment = await bringToLife(world, { row, environment: run.environment, release, project: run.project });
  const target = world.targets[deployment.target.kind];
  await patiently(world, () => target.prepare(deployment));
  const answer = await patiently(world, () => target.deploy(deployment, new AbortController().signal));
  if (answer.deployed === 'ready') return { summary: `release #${release.number} serves again`, restored: true };
  const because = answer.deployed === 'stopped' ? 'its start was interrupted' : answer.because;
  return { summary: `release #${release.number} was started again but is not ready: ${because}`, restored: false };
}

/** The same restoring deployment again after a crash. */
async function restoreRow(world: World, tx: Transaction, run: Run) {
  const earlier = (await tx.deployments.ofPromotion(run.promotion.id)).find(
    ({ undoes }) => undoes === run.promotion.id,
  );
  if (earlier !== undefined) return earlier;
  const before = run.before!;
  const release = (await tx.releases.get(before.release))!;
  const row = newDeployment(world, {
    environment: run.environment,
    release,
    promotion: before.promotion,
    undoes: run.promotion.id,
    cause: 'restore',
    like: before,
    snapshot: before.snapshot,
  });
  await tx.deployments.insert(row);
  return row;
}
