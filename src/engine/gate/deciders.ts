/** Who could decide what waits for people: told by name when it begins to wait. */
import { ruleOf, type Action } from '../../domain/access/matrix.ts';
import { rolesOn } from '../../domain/access/role.ts';
import { environmentKinds } from '../../domain/pipeline/environment.ts';
import type { RecordedEvent } from '../../ports/events.ts';
import type { Environment } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { approversOf } from './approvers.ts';
import { questionOf } from './question.ts';
import type { World } from '../world.ts';

/** What others than the actor of the event may do about it. */
const answeredBy: Readonly<Record<string, Action>> = {
  'pipeline.proposed': 'pipeline:decide',
  'break-glass.requested': 'break-glass:confirm',
};

/** Handles, in alphabetical order; as things are now, which may be later than the event. */
export async function decidersOf(
  world: World,
  event: RecordedEvent,
  environment: Environment | undefined,
): Promise<readonly string[]> {
  const action = answeredBy[event.kind];
  if (action === undefined) return approvers(world, event);
  return world.store.transaction((tx) => entitled(world, tx, { event, action, environment }));
}

/** Nobody any more when the promotion has moved on meanwhile. */
async function approvers(world: World, event: RecordedEvent): Promise<readonly string[]> {
  const { project, environment, release, promotion: id } = event;
  if (project === undefined || environment === undefined || release === undefined || id === undefined) return [];
  const facts = await world.store.facts(environment, { now: world.clock.now(), alsoRelease: release });
  return world.store.transaction(async (tx) => {
    const promotion = (await tx.promotions.get(id))?.promotion;
    if (facts === undefined || promotion?.progress.state !== 'waiting') return [];
    const found = await approversOf(tx, project, { question: questionOf(world, facts, promotion) });
    return (found?.could ?? []).map(({ handle }) => handle).toSorted();
  });
}

async function entitled(
  world: World,
  tx: Transaction,
  { event, action, environment }: { event: RecordedEvent; action: Action; environment: Environment | undefined },
): Promise<readonly string[]> {
  const { project } = event;
  if (project === undefined) return [];
  const { allows } = ruleOf(action);
  const kind = environment?.spec.kind ?? environmentKinds[0];
  const grants = await tx.grants.list({ project, inForceAt: world.clock.now() });
  return (await tx.people.list())
    .filter(({ id, handle, disabledAt }) => {
      if (disabledAt !== undefined || handle === event.actor) return false;
      const roles = rolesOn(
        grants.filter((grant) => grant.person === id),
        project,
      );
      return roles.some((role) => allows[role]?.includes(kind));
    })
    .map(({ handle }) => handle)
    .toSorted();
}
