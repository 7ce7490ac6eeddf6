/**
 * Who may do what, and where: the one table. What it does not allow is refused. Every route names one of these actions,
 * and what `liftlock access matrix` prints is made of this table.
 */
import { environmentKinds, type EnvironmentKind } from '../pipeline/environment.ts';
import type { Role } from './role.ts';

/** What an action is about: oneself, the whole installation, one project, or environments of one project. */
export type Scope = 'self' | 'installation' | 'project' | 'environment';

export interface Rule {
  readonly scope: Scope;
  /** The kinds of environment for which a role may do it; of meaning for the scope `environment` only. */
  readonly allows: Readonly<Partial<Record<Role, readonly EnvironmentKind[]>>>;
}

const everyKind = environmentKinds;
const early = ['development', 'testing', 'ci'] as const;
const trying = ['testing', 'qa'] as const;
const untilStaging = ['development', 'testing', 'qa', 'ci', 'staging'] as const;
const late = ['staging', 'production', 'disaster-recovery'] as const;

const people = [
  'viewer',
  'stakeholder',
  'developer',
  'qa',
  'maintainer',
  'release-manager',
  'auditor',
  'admin',
] as const;
const team = ['developer', 'qa', 'maintainer', 'release-manager', 'auditor', 'admin'] as const;

export const matrix = {
  'self:read': anybody(),
  'self:manage': anybody(),
  'access:read': anybody(),

  'person:read': installation('auditor', 'admin'),
  'person:manage': installation('admin'),
  'evidence-signer:read': installation('maintainer', 'release-manager', 'auditor', 'admin'),
  'evidence-signer:manage': installation('admin'),
  'signer:read': installation('maintainer', 'release-manager', 'auditor', 'admin'),
  'signer:manage': installation('admin'),
  'metrics:read': installation('maintainer', 'release-manager', 'auditor', 'admin', 'machine'),
  'checkup:read': installation('maintainer', 'release-manager', 'auditor', 'admin'),
  'audit:read': installation('auditor', 'admin'),
  'audit:erase': installation('admin'),

  'record:read': project('maintainer', 'release-manager', 'auditor', 'admin'),
  'grant:read': project('maintainer', 'auditor', 'admin'),
  'grant:manage': project('admin'),
  'machine:read': project('maintainer', 'auditor', 'admin'),
  'machine:manage': project('admin'),
  'project:read': project(...people, 'machine'),
  'project:apply': project('maintainer', 'admin'),
  'webhook:read': project('maintainer', 'auditor', 'admin'),
  'webhook:manage': project('maintainer', 'admin'),
  'channel:read': project('maintainer', 'release-manager', 'auditor', 'admin'),
  'channel:manage': project('maintainer', 'admin'),
  'notification:read': project('maintainer', 'release-manager', 'auditor', 'admin'),
  'notification:redeliver': project('maintainer', 'release-manager', 'admin'),
  'source:notify': project('developer', 'maintainer', 'release-manager', 'admin', 'machine'),
  'release:read': project(...people, 'machine'),
  'build:read': project(...people, 'machine'),
  'build:retry': project('developer', 'maintainer'),
  'follow-up:close': project('maintainer', 'release-manager'),
  // What maintainers say about main.
  'commit:accept': project('maintainer'),
  'source:acknowledge': project('maintainer'),
  'promotion:read': project(...people, 'machine'),
  'freeze:read': project(...people),
  'event:read': project(...people),
  'log:read': project(...team),
  'change:read': project(...team, 'stakeholder'),
  'pipeline:decide': project('maintainer', 'admin'),
  'evidence:read': project(...team, 'machine'),
  'evidence:create': project('developer', 'qa', 'maintainer', 'release-manager', 'machine'),

  'promotion:create': environment({
    developer: early,
    qa: trying,
    maintainer: untilStaging,
    'release-manager': late,
    machine: ['development'],
  }),
  'promotion:abort': environment({
    developer: early,
    qa: [...trying, 'staging'],
    maintainer: everyKind,
    'release-manager': everyKind,
  }),
  // Whoever may stop it may also hold it up; going on is for those who may start it.
  'rollout:pause': environment({
    developer: early,
    qa: [...trying, 'staging'],
    maintainer: everyKind,
    'release-manager': everyKind,
  }),
  'rollout:steer': environment({ developer: early, qa: trying, maintainer: untilStaging, 'release-manager': late }),
  'rollback:create': environment({ developer: early, qa: trying, maintainer: untilStaging, 'release-manager': late }),
  'verification:create': environment({
    developer: early,
    qa: [...trying, 'staging'],
    maintainer: untilStaging,
    'release-manager': late,
  }),
  'approval:create': environment({
    stakeholder: ['qa', 'staging'],
    qa: ['testing', 'qa', 'staging', 'production'],
    maintainer: everyKind,
    'release-manager': everyKind,
  }),
  'review:create': project('developer', 'qa', 'maintainer', 'release-manager'),
  'sign-off:create': environment({ qa: everyKind }),
  'suppression:create': project('maintainer', 'release-manager'),
  'notes:write': environment({ developer: early, qa: trying, maintainer: everyKind, 'release-manager': everyKind }),
  'notes:accept': environment({ maintainer: untilStaging, 'release-manager': everyKind }),
  'plan:accept': environment({ maintainer: untilStaging, 'release-manager': everyKind }),
  'break-glass:request': environment({ maintainer: everyKind, 'release-manager': everyKind }),
  'break-glass:confirm': environment({ maintainer: everyKind, 'release-manager': everyKind }),
  'hold:create': environment({ developer: early, qa: trying, maintainer: untilStaging, 'release-manager': late }),
  'hold:release': environment({ developer: early, qa: trying, maintainer: untilStaging, 'release-manager': late }),
  'pin:create': environment({ developer: early, qa: trying, maintainer: untilStaging, 'release-manager': late }),
  'pin:release': environment({ developer: early, qa: trying, maintainer: untilStaging, 'release-manager': late }),
  'environment:stop': environment({ developer: early, qa: trying, maintainer: untilStaging, 'release-manager': late }),
  'veto:create': environment({ qa: everyKind, maintainer: everyKind, 'release-manager': everyKind }),
  'veto:lift': environment({ maintainer: untilStaging, 'release-manager': everyKind }),
  'freeze:create': environment({ maintainer: everyKind, 'release-manager': everyKind, admin: everyKind }),
  'freeze:lift': environment({ maintainer: untilStaging, 'release-manager': everyKind, admin: everyKind }),
} as const satisfies Readonly<Record<string, Rule>>;

export type Action = keyof typeof matrix;

export const actions = Object.keys(matrix) as readonly Action[];

export function ruleOf(action: Action): Rule {
  return matrix[action];
}

/** Whoever is signed in, about nothing but himself. */
function anybody(): Rule {
  return { scope: 'self', allows: {} };
}

function installation(...allowed: readonly Role[]): Rule {
  return { scope: 'installation', allows: everywhere(allowed) };
}

function project(...allowed: readonly Role[]): Rule {
  return { scope: 'project', allows: everywhere(allowed) };
}

function environment(allows: Rule['allows']): Rule {
  return { scope: 'environment', allows };
}

function everywhere(allowed: readonly Role[]): Rule['allows'] {
  return Object.fromEntries(allowed.map((role) => [role, everyKind]));
}
