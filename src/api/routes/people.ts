import type { Person } from '../../domain/access/person.ts';
import { isInForce } from '../../domain/access/role.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import { grantIn, revokeGrantIn } from '../../engine/access/grants.ts';
import { addPersonIn, changeEmailIn, findPerson, setDisabledIn } from '../../engine/access/people.ts';
import { makeLinkIn } from '../../engine/access/sign-in.ts';
import type { World } from '../../engine/world.ts';
import type { NewGrant } from '../../ports/access.ts';
import type { Transaction } from '../../ports/store.ts';
import {
  addGrant,
  addPerson,
  changeEmail,
  disablePerson,
  enablePerson,
  linkPerson,
  listGrants,
  listPeople,
  revokeGrant,
  showPerson,
  type GrantView,
  type PersonView,
} from '../contract/people.ts';
import { command, judgedBy, query, type Route } from '../route.ts';
import { across, ofGrant, projectInBody } from '../subject.ts';

export function peopleRoutes(): readonly Route[] {
  return [
    query(listPeople, (world) =>
      world.store.transaction(async (tx) => {
        const people: PersonView[] = [];
        for (const person of await tx.people.list()) people.push(await viewPerson(world, tx, person));
        return { people };
      }),
    ),
    query(showPerson, (world, { params }) =>
      world.store.transaction(async (tx) => viewPerson(world, tx, await findPerson(tx, params.person))),
    ),
    command(addPerson, async (world, tx, { body, actor }) =>
      viewPerson(world, tx, await addPersonIn(world, tx, { ...body, actor })),
    ),
    command(disablePerson, async (world, tx, { params, actor }) =>
      viewPerson(world, tx, await setDisabledIn(world, tx, { handle: params.person, disabled: true, actor })),
    ),
    command(enablePerson, async (world, tx, { params, actor }) =>
      viewPerson(world, tx, await setDisabledIn(world, tx, { handle: params.person, disabled: false, actor })),
    ),
    command(changeEmail, async (world, tx, { params, body, actor }) =>
      viewPerson(world, tx, await changeEmailIn(world, tx, { handle: params.person, ...body, actor })),
    ),
    command(linkPerson, async (world, tx, { params, actor }) => {
      const { code, expiresAt } = await makeLinkIn(world, tx, { person: await findPerson(tx, params.person), actor });
      return { code, path: `/sign-in#${code}`, expiresAt };
    }),
    ...grantRoutes(),
  ];
}

function grantRoutes(): readonly Route[] {
  return [
    judgedBy(
      across,
      query(listGrants, ({ store, clock }, { query: { person: handle, all }, visible }) =>
        store.transaction(async (tx) => {
          const person = handle === undefined ? undefined : (await findPerson(tx, handle)).id;
          const now = clock.now();
          const found = await tx.grants.list({
            ...(person === undefined ? {} : { person }),
            ...(all === 'true' ? {} : { inForceAt: now }),
          });
          const seen = found.filter(({ project }) => isSeen(project, visible));
          const grants: GrantView[] = [];
          for (const grant of seen) grants.push(await viewGrant(tx, grant, now));
          return { grants };
        }),
      ),
    ),
    judgedBy(
      projectInBody,
      command(addGrant, async (world, tx, { body, actor }) => {
        const { person, role, project: name, until, reason } = body;
        const project = name === undefined ? undefined : (await tx.projects.byName(name))!.id;
        const grant = await grantIn(world, tx, {
          person: await findPerson(tx, person),
          role,
          project,
          until: until as Instant | undefined,
          reason,
          actor,
        });
        return viewGrant(tx, { ...grant, reason }, world.clock.now());
      }),
    ),
    judgedBy(
      ofGrant,
      command(revokeGrant, async (world, tx, { params, body, actor }) => {
        await revokeGrantIn(world, tx, { ...params, ...body, actor });
        return params;
      }),
    ),
  ];
}

/** Whoever sees one project sees who has a role on it by a grant for every project, too. */
function isSeen(project: ProjectId | undefined, visible: 'every' | readonly ProjectId[]): boolean {
  return visible === 'every' || project === undefined || visible.includes(project);
}

async function viewPerson(world: World, tx: Transaction, person: Person): Promise<PersonView> {
  const { handle, name, emails, createdAt, disabledAt } = person;
  const rights = await tx.grants.rightsOf(person.id, world.clock.now());
  return {
    handle,
    name,
    emails: [...emails],
    createdAt,
    disabledAt: disabledAt ?? null,
    rights: await namedRights(tx, rights),
  };
}

/** Rights with the names of their projects. */
export async function namedRights(
  tx: Transaction,
  rights: Awaited<ReturnType<Transaction['grants']['rightsOf']>>,
): Promise<PersonView['rights']> {
  const named: PersonView['rights'] = [];
  for (const { role, project } of rights) named.push({ role, project: await nameOf(tx, project) });
  return named;
}

async function nameOf(tx: Transaction, project: ProjectId | undefined): Promise<string | null> {
  return project === undefined ? null : ((await tx.projects.get(project))?.name ?? null);
}

async function viewGrant(tx: Transaction, grant: NewGrant, now: Instant): Promise<GrantView> {
  return {
    id: grant.id,
    person: (await tx.people.get(grant.person))!.handle,
    role: grant.role,
    project: await nameOf(tx, grant.project),
    from: grant.from,
    until: grant.until ?? null,
    by: grant.grantedBy,
    reason: grant.reason ?? null,
    revokedAt: grant.revokedAt ?? null,
    inForce: isInForce(grant, now),
  };
}
