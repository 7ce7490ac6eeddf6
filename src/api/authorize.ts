/** Who asks, and may he? Every route goes through `authorize`, and nothing else hands a request to a handler. */
import { judge, sees, type Judgement } from '../domain/access/judge.ts';
import { ruleOf, type Action } from '../domain/access/matrix.ts';
import { Failure } from '../domain/base/failure.ts';
import type { ProjectId } from '../domain/base/id.ts';
import { identifyIn, type Caller, type Presented, type Principal } from '../engine/access/identify.ts';
import type { World } from '../engine/world.ts';
import type { Transaction } from '../ports/store.ts';
import type { Route, Visible } from './route.ts';
import { inAddress, type Given, type Subject } from './subject.ts';

export interface Authorized {
  readonly caller: Caller;
  readonly visible: Visible;
  /** The name of the project in full where the request left it out. */
  readonly params: Given['params'];
}

/** Before anything of the request is read. @throws Failure `request/unauthenticated`. */
export function identify(world: World, presented: Presented): Promise<Principal> {
  return world.store.transaction((tx) => identifyIn(world, tx, presented));
}

/** A caller on this machine, where a route lets him in unknown. */
export const local: Principal = {
  person: undefined,
  handle: 'system:local',
  via: 'local',
  credential: undefined,
  rights: [],
  limits: {},
};

/**
 * Finds what the request is about, and judges it by the matrix.
 * @throws Failure `request/forbidden` with a reason; what `FindSubject` says for things that are not there, or not for this caller.
 */
export async function authorize(
  world: World,
  route: Route,
  { principal, given }: { principal: Principal; given: Given },
): Promise<Authorized> {
  const action = route.endpoint.permission;
  if (action === 'public' || principal.via === 'local') return { ...asCaller(principal, []), params: given.params };
  return world.store.transaction(async (tx) => {
    const subject = await (route.about ?? inAddress)({ tx, principal }, given);
    if (subject.across) return { ...(await acrossProjects(tx, principal, action)), params: given.params };
    const judgement = judge(principal, action, { project: subject.project?.id, kinds: subject.kinds });
    if (!judgement.allowed) throw refuse(action, subject, judgement);
    return { ...asCaller(principal, judgement.roles), params: withProject(given.params, subject) };
  });
}

function asCaller(
  principal: Principal,
  roles: Caller['roles'],
): { readonly caller: Caller; readonly visible: Visible } {
  return { caller: { ...principal, roles }, visible: [] };
}

/** Refused when there is no project in which the caller may do it; a caller with a role on every project sees all. */
async function acrossProjects(
  tx: Transaction,
  principal: Principal,
  action: Action,
): Promise<{ readonly caller: Caller; readonly visible: Visible }> {
  const may = (project: ProjectId | undefined) => judge(principal, action, { project, kinds: [] });
  const everywhere = may(undefined);
  if (everywhere.allowed) return { ...asCaller(principal, everywhere.roles), visible: 'every' };
  const seen = (await tx.projects.list()).map(({ id }) => id).filter((id) => sees(principal, id));
  const visible = seen.filter((id) => may(id).allowed);
  if (visible.length > 0) return { ...asCaller(principal, []), visible };
  const [first] = seen;
  throw refuse(action, undefined, first === undefined ? nowhere(everywhere) : (may(first) as Refusal));
}

type Refusal = Judgement & { readonly allowed: false };

function nowhere(refusal: Refusal): Refusal {
  return refusal.reason === 'NO_ROLE_ON_EVERY_PROJECT'
    ? { allowed: false, reason: 'NO_ROLE_ON_PROJECT', because: 'no role on any project' }
    : refusal;
}

function withProject(params: Given['params'], subject: Subject): Given['params'] {
  return 'project' in params && !subject.across ? { ...params, project: subject.project?.name } : params;
}

function refuse(action: Action, subject: Subject | undefined, judgement: Refusal): Failure {
  const { allows } = ruleOf(action);
  const able = Object.keys(allows);
  const where = subject?.across === false && subject.project !== undefined ? ` on ${subject.project.name}` : '';
  return new Failure('request/forbidden', `you may not do this: ${judgement.because}`, {
    reason: judgement.reason,
    hint:
      able.length === 0
        ? 'use another token'
        : `it takes one of these roles${where}: ${able.join(', ')}; liftlock access matrix tells more`,
  });
}
