/** A release on its way and the one that it takes over from. */
import type { PromotionId } from '../../domain/base/id.ts';
import type { DeploymentRow, Environment, StoredRelease } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import type { Deployment, Pair } from '../../ports/target.ts';
import { bringToLife, sketch } from '../promotion/deployment.ts';
import type { Run } from '../promotion/run.ts';
import type { World } from '../world.ts';

/** Complete where instances of both may have to be started, otherwise as much as it takes to look. */
export async function pairOf(
  world: World,
  run: Run,
  { fresh, live }: { fresh: Deployment; live: boolean },
): Promise<Pair> {
  const row = run.before!;
  const release = (await world.store.transaction((tx) => tx.releases.get(row.release)))!;
  const recorded = { row, release, environment: run.environment, project: run.project };
  return { fresh, stable: live ? await bringToLife(world, recorded) : sketch(recorded) };
}

export interface Side {
  readonly row: DeploymentRow;
  readonly release: StoredRelease;
}

/** As they are recorded; `undefined` when one of them is not there any more. */
export async function sidesOf(
  tx: Transaction,
  promotion: PromotionId,
  environment: Environment,
): Promise<{ readonly fresh: Side; readonly stable: Side } | undefined> {
  const deployed = (await tx.deployments.ofPromotion(promotion)).find(({ cause }) => cause === 'promotion');
  const before = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  const fresh = await sideOf(tx, deployed);
  const stable = await sideOf(tx, before);
  return fresh && stable && { fresh, stable };
}

async function sideOf(tx: Transaction, row: DeploymentRow | undefined): Promise<Side | undefined> {
  const release = row && (await tx.releases.get(row.release));
  return row && release && { row, release };
}
