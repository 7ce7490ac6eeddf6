/** What comes to each environment next, and whether it comes by itself: the arrows of the pipeline. */
import type { ReleaseId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import { arrivalAt, type ArrivalState } from '../../domain/gate/arrival.ts';
import type { EnvironmentFacts, Running } from '../../domain/promotion/facts.ts';
import type { Environment, Project, Transaction } from '../../ports/store.ts';
import { findProject } from '../find.ts';
import { titled } from './present.ts';
import { judge } from '../gate/question.ts';
import type { TitledRelease } from './views.ts';
import type { World } from '../world.ts';

export interface ArrivalView {
  readonly environment: string;
  readonly release: TitledRelease;
  readonly is: ArrivalState;
  readonly because: string;
  readonly at: Instant | null;
}

export function arrivals(world: World, project: string | undefined): Promise<readonly ArrivalView[]> {
  return world.store.transaction(async (tx) => {
    const found = await findProject(tx, project);
    const runs = new Map<string, Running>();
    const views: ArrivalView[] = [];
    // In promotion order: what runs before an environment is known when its turn comes.
    for (const environment of await tx.environments.ofProject(found.id)) {
      if (environment.retired) continue;
      const candidate = await candidateFor(tx, { environment, runs, project: found });
      const loaded = await tx.environments.facts(environment.id, {
        now: world.clock.now(),
        ...(candidate === undefined ? {} : { alsoRelease: candidate }),
      });
      const facts = { ...loaded, lease: environment.lease };
      if (facts.running !== undefined) runs.set(environment.spec.name, facts.running);
      views.push(...(await view(world, tx, { facts, candidate })));
    }
    return views;
  });
}

/** The newest of what runs before it; where nothing comes before, the newest release. */
async function candidateFor(
  tx: Transaction,
  known: { environment: Environment; runs: ReadonlyMap<string, Running>; project: Project },
): Promise<ReleaseId | undefined> {
  const before = known.environment.spec.after.environments;
  if (before.length === 0) return (await tx.releases.newest(known.project.id, 1))[0]?.id;
  return before
    .flatMap((name) => known.runs.get(name) ?? [])
    .reduce<Running | undefined>(
      (left, right) => (left !== undefined && left.number >= right.number ? left : right),
      undefined,
    )?.release;
}

async function view(
  world: World,
  tx: Transaction,
  { facts, candidate }: { facts: EnvironmentFacts; candidate: ReleaseId | undefined },
): Promise<readonly ArrivalView[]> {
  const arrival = arrivalAt(facts, candidate, (wish) => judge(world, facts, wish));
  const release = arrival && (await tx.releases.get(arrival.release));
  if (arrival === undefined || release === undefined) return [];
  const { is, because, at } = arrival;
  return [
    {
      environment: facts.spec.name,
      release: titled(release),
      is,
      because,
      at: at ?? null,
    },
  ];
}
