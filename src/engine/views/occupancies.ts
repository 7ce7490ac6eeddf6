/** How long each release was what ran where. */
import type { ReleaseId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { Environment, Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { titled } from './present.ts';
import type { TitledRelease } from './views.ts';
import type { World } from '../world.ts';

export interface OccupancyView {
  readonly environment: string;
  readonly release: TitledRelease;
  readonly from: Instant;
  /** null: it still runs there. */
  readonly until: Instant | null;
}

/** Of each environment; older ones are not told. */
const mostDeployments = 200;

/** Of one environment or of all, of one release or of all; in promotion order, the latest first. */
export function occupancies(
  world: World,
  asked: { project: string | undefined; environment?: string | undefined; release?: string | undefined },
): Promise<readonly OccupancyView[]> {
  return world.store.transaction(async (tx) => {
    const { id } = await findProject(tx, asked.project);
    const release = asked.release === undefined ? undefined : await findRelease(tx, id, asked.release);
    const environments =
      asked.environment === undefined
        ? await tx.environments.ofProject(id)
        : [await findEnvironment(tx, id, asked.environment)];
    const views: OccupancyView[] = [];
    for (const environment of environments) views.push(...(await stays(tx, { environment, release: release?.id })));
    return views;
  });
}

/** A release that was started again in its own place never left it. */
async function stays(
  tx: Transaction,
  { environment, release }: { environment: Environment; release: ReleaseId | undefined },
): Promise<readonly OccupancyView[]> {
  const found: OccupancyView[] = [];
  for (const row of await tx.deployments.history(environment.id, mostDeployments)) {
    if (row.occupiedFrom === undefined || (release !== undefined && row.release !== release)) continue;
    const later = found.at(-1);
    if (later !== undefined && later.release.id === row.release && row.occupiedUntil === later.from) {
      found[found.length - 1] = { ...later, from: row.occupiedFrom };
      continue;
    }
    found.push({
      environment: environment.spec.name,
      release: later?.release.id === row.release ? later.release : titled((await tx.releases.get(row.release))!),
      from: row.occupiedFrom,
      until: row.occupiedUntil ?? null,
    });
  }
  return found;
}
