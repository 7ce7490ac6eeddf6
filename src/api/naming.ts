/** Events carry ids; people read names. Names and numbers never change, so they are remembered. */
import type { RecordedEvent } from '../ports/events.ts';
import type { Transaction } from '../ports/store.ts';
import type { World } from '../engine/world.ts';
import type { DeepReadonly } from './contract/endpoint.ts';
import type { EventView } from './contract/events.ts';

export type Naming = (events: readonly RecordedEvent[]) => Promise<readonly DeepReadonly<EventView>[]>;

/** Enough for any control plane of usual size; beyond it, everything is looked up again. */
const mostRemembered = 20_000;

export function createNaming(world: World): Naming {
  const known = new Map<string, string | number | null>();

  async function learn(tx: Transaction, event: RecordedEvent): Promise<void> {
    const { project, environment, release } = event;
    if (project !== undefined && !known.has(project))
      known.set(project, (await tx.projects.get(project))?.name ?? null);
    if (environment !== undefined && !known.has(environment))
      known.set(environment, (await tx.environments.get(environment))?.spec.name ?? null);
    if (release !== undefined && !known.has(release))
      known.set(release, (await tx.releases.get(release))?.number ?? null);
  }

  const isKnown = ({ project, environment, release }: RecordedEvent) =>
    [project, environment, release].every((id) => id === undefined || known.has(id));

  return async (events) => {
    if (known.size > mostRemembered) known.clear();
    const strange = events.filter((event) => !isKnown(event));
    if (strange.length > 0) {
      await world.store.transaction(async (tx) => {
        for (const event of strange) await learn(tx, event);
      });
    }
    return events.map((event) => view(event, known));
  };
}

function view(event: RecordedEvent, known: ReadonlyMap<string, string | number | null>): DeepReadonly<EventView> {
  const name = (id: string | undefined) => (id === undefined ? null : ((known.get(id) ?? null) as string | null));
  const number = event.release === undefined ? undefined : (known.get(event.release) as number | null | undefined);
  return {
    cursor: event.cursor,
    kind: event.kind,
    actor: event.actor,
    at: event.at,
    project: name(event.project),
    environment: name(event.environment),
    release: event.release === undefined || typeof number !== 'number' ? null : { id: event.release, number },
    promotion: event.promotion ?? null,
    data: event.data,
  };
}
