/** May this caller do that here? Everything that is not allowed is refused, with its reason. */
import type { ProjectId } from '../base/id.ts';
import type { EnvironmentKind } from '../pipeline/environment.ts';
import { ruleOf, type Action } from './matrix.ts';
import { rolesOn, type Right, type Role } from './role.ts';

/** What a caller brings along. */
export interface Rights {
  /** Of grants in force. */
  readonly rights: readonly Right[];
  /** A token may be good for less than its owner; nothing is left out where it says nothing. */
  readonly limits: {
    readonly projects?: readonly ProjectId[] | undefined;
    readonly actions?: readonly Action[] | undefined;
  };
}

/** What an action is about. */
export interface About {
  /** Every project when absent. */
  readonly project: ProjectId | undefined;
  /** The kinds of all environments concerned. */
  readonly kinds: readonly EnvironmentKind[];
}

export type Judgement =
  | { readonly allowed: true; readonly roles: readonly Role[] }
  | { readonly allowed: false; readonly reason: RefusalReason; readonly because: string };

export type RefusalReason =
  | 'NO_ROLE_ON_PROJECT'
  | 'NO_ROLE_ON_EVERY_PROJECT'
  | 'NOT_FOR_THIS_ROLE'
  | 'NOT_FOR_THIS_KIND'
  | 'NO_ENVIRONMENT_NAMED'
  | 'OUTSIDE_TOKEN';

export function judge(caller: Rights, action: Action, about: About): Judgement {
  const { scope, allows } = ruleOf(action);
  const { limits } = caller;
  if (limits.actions !== undefined && !limits.actions.includes(action))
    return refuse('OUTSIDE_TOKEN', `this token is not made for ${action}`);
  if (scope === 'self') return { allowed: true, roles: [] };
  const project = scope === 'installation' ? undefined : about.project;
  const roles = rolesIn(caller, project);
  if (roles.length === 0) return refuseWithoutRole(caller, project);
  const able = roles.filter((role) => allows[role] !== undefined);
  if (able.length === 0) return refuse('NOT_FOR_THIS_ROLE', `${action} is not for ${roles.join(', ')}`);
  if (scope !== 'environment') return { allowed: true, roles };
  if (about.kinds.length === 0) return refuse('NO_ENVIRONMENT_NAMED', `${action} needs an environment`);
  const missing = about.kinds.find((kind) => !able.some((role) => allows[role]!.includes(kind)));
  if (missing === undefined) return { allowed: true, roles };
  return refuse('NOT_FOR_THIS_KIND', `${action} in ${missing} environments is not for ${able.join(', ')}`);
}

/** Roles on a project, none where the token does not reach; with `undefined`, those on every project. */
export function rolesIn({ rights, limits }: Rights, project: ProjectId | undefined): readonly Role[] {
  if (limits.projects !== undefined && (project === undefined || !limits.projects.includes(project))) return [];
  return rolesOn(rights, project);
}

/** Whoever has no role on a project learns nothing of it, not even that it exists. */
export function sees(caller: Rights, project: ProjectId): boolean {
  return rolesIn(caller, project).length > 0;
}

function refuseWithoutRole({ limits }: Rights, project: ProjectId | undefined): Judgement {
  if (project !== undefined) return refuse('NO_ROLE_ON_PROJECT', 'no role on this project');
  if (limits.projects !== undefined) return refuse('OUTSIDE_TOKEN', 'this token is for certain projects only');
  return refuse('NO_ROLE_ON_EVERY_PROJECT', 'this needs a role on every project');
}

function refuse(reason: RefusalReason, because: string): Judgement {
  return { allowed: false, reason, because };
}
