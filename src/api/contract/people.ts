import { z } from 'zod';
import { role } from './access.ts';
import { endpoint } from './endpoint.ts';
import { instant, projectParams, reason, printable } from './words.ts';

const handle = z.string().min(1).max(60).describe('Handle of a person.');
const email = z.string().min(3).max(254);

export const personView = z
  .object({
    handle: z.string(),
    name: z.string(),
    emails: z.array(z.string()).describe('What an administrator vouches for.'),
    createdAt: instant,
    disabledAt: instant.nullable(),
    rights: z
      .array(z.object({ role, project: z.string().nullable() }))
      .describe('Roles in force; on every project where it says null.'),
  })
  .meta({ id: 'Person' });
export type PersonView = z.output<typeof personView>;

const personParams = z.strictObject({ person: handle });

export const listPeople = endpoint({
  name: 'people.list',
  method: 'GET',
  path: '/api/v1/people',
  permission: 'person:read',
  summary: 'Everybody, by handle.',
  answer: z.object({ people: z.array(personView) }).meta({ id: 'People' }),
});

export const showPerson = endpoint({
  name: 'people.show',
  method: 'GET',
  path: '/api/v1/people/{person}',
  permission: 'person:read',
  summary: 'One person.',
  params: personParams,
  answer: personView,
});

export const addPerson = endpoint({
  name: 'people.add',
  method: 'POST',
  path: '/api/v1/people',
  permission: 'person:manage',
  summary: 'Makes a person known. Whoever has no role sees nothing yet.',
  body: z.strictObject({
    handle,
    name: z.string().trim().min(1).max(100).regex(printable),
    emails: z
      .array(email)
      .max(20)
      .default([])
      .describe('Addresses that are this person’s: authors of commits are known by them.'),
  }),
  answer: personView,
});

export const disablePerson = endpoint({
  name: 'people.disable',
  method: 'POST',
  path: '/api/v1/people/{person}/disable',
  permission: 'person:manage',
  summary: 'Nobody signs in as this person any more; tokens and sessions end.',
  params: personParams,
  answer: personView,
});

export const enablePerson = endpoint({
  name: 'people.enable',
  method: 'POST',
  path: '/api/v1/people/{person}/enable',
  permission: 'person:manage',
  summary: 'Lets a person sign in again, with the roles that are still in force.',
  params: personParams,
  answer: personView,
});

export const changeEmail = endpoint({
  name: 'people.email',
  method: 'POST',
  path: '/api/v1/people/{person}/email',
  permission: 'person:manage',
  summary: 'Adds or removes an address of a person.',
  params: personParams,
  body: z.strictObject({ email, remove: z.boolean().default(false) }),
  answer: personView,
});

export const linkPerson = endpoint({
  name: 'people.link',
  method: 'POST',
  path: '/api/v1/people/{person}/link',
  permission: 'person:manage',
  secret: true,
  summary: 'A link that signs this person in, once.',
  params: personParams,
  body: z.strictObject({}),
  answer: z.object({ code: z.string(), path: z.string(), expiresAt: instant }).meta({ id: 'SignInLink' }),
});

export const grantView = z
  .object({
    id: z.string(),
    person: z.string(),
    role,
    project: z.string().nullable().describe('null: every project.'),
    from: instant,
    until: instant.nullable(),
    by: z.string(),
    reason: z.string().nullable(),
    revokedAt: instant.nullable(),
    inForce: z.boolean(),
  })
  .meta({ id: 'Grant' });
export type GrantView = z.output<typeof grantView>;

export const listGrants = endpoint({
  name: 'grants.list',
  method: 'GET',
  path: '/api/v1/grants',
  permission: 'grant:read',
  summary: 'Who has which role where, newest first.',
  query: z.strictObject({
    person: handle.optional(),
    all: z.enum(['true', 'false']).default('false').describe('Also those that are over.'),
  }),
  answer: z.object({ grants: z.array(grantView) }).meta({ id: 'Grants' }),
});

export const addGrant = endpoint({
  name: 'grants.add',
  method: 'POST',
  path: '/api/v1/grants',
  permission: 'grant:manage',
  summary: 'Gives a role on one project or on all of them, for ever or for a time.',
  body: z.strictObject({
    person: handle,
    role,
    project: z.string().min(1).max(60).optional().describe('Every project when absent.'),
    until: instant.min(0).max(8.64e15).optional(),
    reason: reason.optional(),
  }),
  answer: grantView,
});

export const revokeGrant = endpoint({
  name: 'grants.revoke',
  method: 'POST',
  path: '/api/v1/grants/{grant}/revoke',
  permission: 'grant:manage',
  summary: 'Takes a role back, at once.',
  params: z.strictObject({ grant: z.string().min(1).max(60).describe('Id of a grant.') }),
  body: z.strictObject({ reason }),
  answer: z.object({ grant: z.string() }).meta({ id: 'GrantRevoked' }),
});

const machineView = z
  .object({
    name: z.string(),
    handle: z.string(),
    project: z.string(),
    issuer: z.string(),
    audience: z.string(),
    claims: z.record(z.string(), z.string()).describe('Every one of them must be in the identity token.'),
    createdAt: instant,
    createdBy: z.string(),
    disabledAt: instant.nullable(),
  })
  .meta({ id: 'Machine' });
export type MachineView = z.output<typeof machineView>;

const machineName = z.string().min(1).max(39).describe('Name of a machine.');

export const listMachines = endpoint({
  name: 'machines.list',
  method: 'GET',
  path: '/api/v1/machines',
  permission: 'machine:read',
  summary: 'Programs that CI systems vouch for.',
  answer: z.object({ machines: z.array(machineView) }).meta({ id: 'Machines' }),
});

export const addMachine = endpoint({
  name: 'machines.add',
  method: 'POST',
  path: '/api/v1/projects/{project}/machines',
  permission: 'machine:manage',
  summary: 'Lets in the jobs of one repository, one workflow and one event, as a machine of this project.',
  params: projectParams,
  body: z.strictObject({
    name: machineName,
    issuer: z.string().min(1).max(500).describe('As the identity tokens say it.'),
    audience: z.string().min(1).max(500).describe('For whom the identity tokens are made.'),
    claims: z.record(z.string().min(1).max(100), z.string().min(1).max(500)),
  }),
  answer: machineView,
});

export const disableMachine = endpoint({
  name: 'machines.disable',
  method: 'POST',
  path: '/api/v1/machines/{machine}/disable',
  permission: 'machine:manage',
  summary: 'Nothing signs in as this machine any more; its tokens end.',
  params: z.strictObject({ machine: machineName }),
  answer: machineView,
});
