/** R25: two people pass named gates for one release in one environment, and somebody looks back at it afterwards. */
import { Failure } from '../../domain/base/failure.ts';
import type { BreakGlassId, FollowUpId } from '../../domain/base/id.ts';
import { isoTime, plus, type Duration } from '../../domain/base/time.ts';
import { breakableGates } from '../../domain/gate/break-glass.ts';
import type { StoredBreakGlass } from '../../ports/approvals.ts';
import type { Environment, Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { reconcileIn } from '../promotion/reconcile.ts';
import { newId, type World } from '../world.ts';

const shortest = 60_000 as Duration;
const longest = 86_400_000 as Duration;

export interface BreakGlassRequest {
  readonly project: string | undefined;
  readonly release: string;
  readonly environment: string;
  readonly gates: readonly string[];
  readonly reason: string;
  /** Where the emergency is written down. */
  readonly incident: string;
  readonly expiresIn: Duration;
  readonly actor: string;
}

/** The first of two people. Nothing is passed before the second one has confirmed. */
export async function requestBreakGlassIn(
  world: World,
  tx: Transaction,
  request: BreakGlassRequest,
): Promise<StoredBreakGlass> {
  const project = await findProject(tx, request.project);
  const environment = await findEnvironment(tx, project.id, request.environment);
  const release = await findRelease(tx, project.id, request.release);
  const now = world.clock.now();
  const { trust } = await tx.environments.facts(environment.id, { now, alsoRelease: release.id });
  if (trust.breakGlass !== 'two-person')
    throw refusal('BREAK_GLASS_OFF', `break-glass is off for ${project.name}`, {
      hint: 'trust: { breakGlass: two-person } in liftlock.yaml allows it: a recorded change of the pipeline',
    });
  await requirePerson(tx, request.actor);
  requireScope(request);
  const breakGlass: StoredBreakGlass = {
    id: newId(world, 'bgl'),
    project: project.id,
    environment: environment.id,
    release: release.id,
    gates: [...new Set(request.gates)],
    reason: request.reason,
    incident: request.incident,
    requestedBy: request.actor,
    requestedAt: now,
    expiresAt: plus(now, request.expiresIn),
    confirmed: undefined,
    used: undefined,
  };
  await tx.breakGlasses.insert(breakGlass);
  await tx.events.append({
    kind: 'break-glass.requested',
    actor: request.actor,
    at: now,
    ...about(breakGlass),
    data: {
      breakGlass: breakGlass.id,
      gates: breakGlass.gates,
      reason: breakGlass.reason,
      incident: breakGlass.incident,
      expiresAt: breakGlass.expiresAt,
    },
  });
  return breakGlass;
}

/** The second person. What waits for one of the gates goes on at once. */
export async function confirmBreakGlassIn(
  world: World,
  tx: Transaction,
  request: { project: string | undefined; environment: string; breakGlass: string; actor: string },
): Promise<StoredBreakGlass> {
  const { breakGlass: id, actor } = request;
  const project = await findProject(tx, request.project);
  const environment = await findEnvironment(tx, project.id, request.environment);
  await tx.environments.lock(environment.id);
  const breakGlass = await tx.breakGlasses.lock(id as BreakGlassId);
  if (breakGlass?.environment !== environment.id)
    throw new Failure('break-glass/unknown', `there is no break-glass ${id}`, { hint: 'liftlock break-glass list' });
  await requirePerson(tx, actor);
  const now = world.clock.now();
  if (breakGlass.requestedBy === actor)
    throw refusal('BREAK_GLASS_OWN', `${actor} asked for ${id}; a second person has to confirm it`);
  if (breakGlass.confirmed !== undefined)
    throw refusal('BREAK_GLASS_CONFIRMED', `${id} was confirmed by ${breakGlass.confirmed.by} already`);
  if (breakGlass.expiresAt <= now)
    throw refusal('BREAK_GLASS_EXPIRED', `${id} expired at ${isoTime(breakGlass.expiresAt)}`);
  await tx.breakGlasses.confirm(breakGlass.id, actor, now);
  await tx.events.append({
    kind: 'break-glass.confirmed',
    actor,
    at: now,
    ...about(breakGlass),
    data: { breakGlass: breakGlass.id, requestedBy: breakGlass.requestedBy, gates: breakGlass.gates },
  });
  await reconcileIn(world, tx, breakGlass.environment);
  return { ...breakGlass, confirmed: { by: actor, at: now } };
}

/** What was learnt is written down, and production is open again for what is no emergency. */
export async function closeFollowUpIn(
  world: World,
  tx: Transaction,
  request: { project: string | undefined; followUp: string; conclusion: string; actor: string },
): Promise<void> {
  const { followUp: id, conclusion, actor } = request;
  const project = await findProject(tx, request.project);
  const followUp = await tx.followUps.lock(id as FollowUpId);
  if (followUp?.project !== project.id)
    throw new Failure('follow-up/unknown', `there is no follow-up ${id}`, { hint: 'liftlock follow-up list' });
  if (followUp.closed !== undefined)
    throw refusal('FOLLOW_UP_CLOSED', `${id} was closed by ${followUp.closed.by} already`);
  const now = world.clock.now();
  await tx.followUps.close(followUp.id, { by: actor, at: now, conclusion });
  await tx.events.append({
    kind: 'follow-up.closed',
    actor,
    at: now,
    project: followUp.project,
    data: { followUp: followUp.id, breakGlass: followUp.breakGlass, conclusion },
  });
  for (const { id: environment } of await openPlaces(tx, followUp.project))
    await tx.environments.setDue(environment, now);
}

async function openPlaces(tx: Transaction, project: StoredBreakGlass['project']): Promise<readonly Environment[]> {
  return (await tx.environments.ofProject(project)).filter(({ retired }) => !retired);
}

function requireScope({ gates, incident, expiresIn }: BreakGlassRequest): void {
  const wrong = gates.filter((gate) => !breakableGates.has(gate));
  if (gates.length === 0 || wrong.length > 0)
    throw refusal('BREAK_GLASS_GATES', wrong.length === 0 ? 'name the gates' : `${wrong.join(', ')} cannot be passed`, {
      hint: `gates that two people may pass: ${[...breakableGates].join(', ')}`,
    });
  if (!/^https?:\/\/[^\s/]+/.test(incident))
    throw new Failure('input/invalid', 'the incident must be an http or https address', {
      hint: 'where the emergency is written down, for whoever looks back at it',
    });
  if (expiresIn < shortest || expiresIn > longest)
    throw new Failure('input/invalid', 'a break-glass lasts from 1m to 24h');
}

/** As people see it: names instead of ids. */
export async function viewBreakGlass(tx: Transaction, breakGlass: StoredBreakGlass) {
  const { project: _, environment, release, confirmed, used, ...said } = breakGlass;
  const { number } = (await tx.releases.get(release))!;
  return {
    ...said,
    environment: (await tx.environments.get(environment))!.spec.name,
    release: { id: release, number },
    confirmed: confirmed ?? null,
    used: used ?? null,
  };
}

/** Programs pass no gates. */
async function requirePerson(tx: Transaction, actor: string): Promise<void> {
  const person = await tx.people.byHandle(actor);
  if (person === undefined || person.disabledAt !== undefined)
    throw refusal('APPROVER_UNKNOWN', `${actor} is no person here`);
}

function about({ project, environment, release }: StoredBreakGlass) {
  return { project, environment, release };
}

function refusal(code: string, because: string, options: { hint?: string } = {}): Failure {
  return new Failure('break-glass/refused', because, { reason: code, ...options });
}
