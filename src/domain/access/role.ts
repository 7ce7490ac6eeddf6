/** What people are to a project. One vocabulary for access, for signers and for approvals. */
import type { GrantId, PersonId, ProjectId } from '../base/id.ts';
import type { Instant } from '../base/time.ts';

export const roles = [
  'viewer',
  'stakeholder',
  'developer',
  'qa',
  'maintainer',
  'release-manager',
  'auditor',
  'admin',
  'machine',
] as const;
export type Role = (typeof roles)[number];

/** One sentence for each, as the access page and `liftlock access matrix` show it. */
export const roleMeanings: Readonly<Record<Role, string>> = {
  viewer: 'sees projects and what runs where',
  stakeholder: 'sees what a viewer sees, and the log of events',
  developer: 'deploys to development, testing and CI, and adds evidence',
  qa: 'tests: deploys to testing and QA, approves for staging and production, marks releases bad',
  maintainer: 'keeps main: deploys up to staging, changes the pipeline, approves',
  'release-manager': 'deploys to staging, production and disaster recovery, approves',
  auditor: 'sees everything that is recorded, changes nothing',
  admin: 'decides who may do what, and changes pipelines; deploys and approves nothing',
  machine: 'starts promotions to development and adds evidence, nothing else',
};

/** A role that somebody has, on one project or on every project, for ever or for a time. */
export interface Grant {
  readonly id: GrantId;
  readonly person: PersonId;
  readonly role: Role;
  /** Every project, those to come included, when absent. */
  readonly project: ProjectId | undefined;
  readonly from: Instant;
  readonly until: Instant | undefined;
  readonly grantedBy: string;
  readonly revokedAt: Instant | undefined;
}

/** The part of a grant that decides. */
export type Right = Pick<Grant, 'role' | 'project'>;

export function isInForce(grant: Pick<Grant, 'from' | 'until' | 'revokedAt'>, now: Instant): boolean {
  return grant.revokedAt === undefined && grant.from <= now && (grant.until === undefined || now < grant.until);
}

/** The roles held on a project; with `undefined`, those held on every project. In the order of `roles`, each once. */
export function rolesOn(rights: readonly Right[], project: ProjectId | undefined): readonly Role[] {
  return roles.filter((role) =>
    rights.some((right) => right.role === role && (right.project === undefined || right.project === project)),
  );
}
