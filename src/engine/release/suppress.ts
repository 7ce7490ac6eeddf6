/** A person answers for a finding, for a time. */
import { Failure } from '../../domain/base/failure.ts';
import { isoTime, plus, type Duration, type Instant } from '../../domain/base/time.ts';
import type { Transaction } from '../../ports/store.ts';
import { findProject } from '../find.ts';
import type { SuppressionView } from '../promotion/change-views.ts';
import { wakeProject } from '../wake.ts';
import { newId, type World } from '../world.ts';

/** Nothing is accepted for ever: whoever answers for it looks at it once a year at least. */
const longest = (366 * 86_400_000) as Duration;

export async function suppressIn(
  world: World,
  tx: Transaction,
  request: { project: string | undefined; finding: string; until: Instant; reason: string; actor: string },
): Promise<SuppressionView> {
  const project = await findProject(tx, request.project);
  const at = world.clock.now();
  if (request.until <= at || request.until > plus(at, longest))
    throw new Failure('input/invalid', `${isoTime(request.until)} is not a time within a year from now`);
  const suppression = {
    finding: request.finding,
    owner: request.actor,
    reason: request.reason,
    until: request.until,
    at,
  };
  await tx.suppressions.insert({ id: newId(world, 'sup'), project: project.id, ...suppression });
  await tx.events.append({
    kind: 'finding.suppressed',
    actor: request.actor,
    at,
    project: project.id,
    data: { finding: request.finding, until: request.until, reason: request.reason },
  });
  await wakeProject(world, tx, project.id);
  return suppression;
}

export async function liftSuppressionIn(
  world: World,
  tx: Transaction,
  request: { project: string | undefined; finding: string; reason: string; actor: string },
): Promise<{ finding: string; lifted: number }> {
  const project = await findProject(tx, request.project);
  const at = world.clock.now();
  const lifted = await tx.suppressions.lift(project.id, request.finding, { by: request.actor, at });
  if (lifted === 0)
    throw new Failure('request/not-found', `nobody answers for ${request.finding}`, {
      hint: 'liftlock suppress --list',
    });
  await tx.events.append({
    kind: 'finding.suppression-lifted',
    actor: request.actor,
    at,
    project: project.id,
    data: { finding: request.finding, reason: request.reason },
  });
  await wakeProject(world, tx, project.id);
  return { finding: request.finding, lifted };
}

/** Those that are over included, until somebody lifts them: they block again, and their owner is whom to ask. */
export function listSuppressions(world: World, name: string | undefined): Promise<readonly SuppressionView[]> {
  return world.store.transaction(async (tx) => {
    const project = await findProject(tx, name);
    return (await tx.suppressions.of(project.id)).map(({ finding, owner, reason, until, at }) => ({
      finding,
      owner,
      reason,
      until,
      at,
    }));
  });
}
