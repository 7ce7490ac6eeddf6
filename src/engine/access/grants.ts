/** Roles are given and taken back. */
import { isInForce, type Grant, type Role } from '../../domain/access/role.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { GrantId, PersonId, ProjectId } from '../../domain/base/id.ts';
import { isoTime, type Instant } from '../../domain/base/time.ts';
import type { NewGrant } from '../../ports/access.ts';
import type { Transaction } from '../../ports/store.ts';
import { newId, type World } from '../world.ts';

export interface GrantRequest {
  readonly person: { readonly id: PersonId; readonly handle: string };
  readonly role: Role;
  /** Every project when absent. */
  readonly project: ProjectId | undefined;
  readonly until: Instant | undefined;
  readonly reason: string | undefined;
  readonly actor: string;
}

/** @throws Failure `grant/refused`: nobody gives himself a role while another administrator could. */
export async function grantIn(world: World, tx: Transaction, request: GrantRequest): Promise<Grant> {
  const { person, role, project, until, reason, actor } = request;
  const now = world.clock.now();
  if (until !== undefined && until <= now)
    throw new Failure('input/invalid', `${isoTime(until)} is over already`, { hint: 'a time to come' });
  if (person.handle === actor) await refuseOwn(world, tx, person.id);
  const id: GrantId = newId(world, 'grt');
  const grant: NewGrant = {
    id,
    person: person.id,
    role,
    project,
    from: now,
    until,
    grantedBy: actor,
    reason,
    revokedAt: undefined,
  };
  await tx.grants.insert(grant);
  await tx.events.append({
    kind: 'grant.added',
    actor,
    at: now,
    ...(project === undefined ? {} : { project }),
    data: { grant: id, person: person.handle, role, until, reason, own: person.handle === actor ? true : undefined },
  });
  return grant;
}

/** @throws Failure `grant/unknown`, or `grant/refused` when nobody could grant anything any more. */
export async function revokeGrantIn(
  world: World,
  tx: Transaction,
  { grant: id, reason, actor }: { grant: string; reason: string; actor: string },
): Promise<void> {
  const grant = await findGrant(tx, id);
  const person = (await tx.people.lock(grant.person))!;
  const now = world.clock.now();
  if (grant.role === 'admin' && grant.project === undefined && isInForce(grant, now))
    await refuseLastAdministrator(world, tx, { person: grant.person, grant: grant.id });
  if (!(await tx.grants.revoke(grant.id, actor, now)))
    throw new Failure('grant/refused', `grant ${id} was revoked before`);
  await tx.events.append({
    kind: 'grant.revoked',
    actor,
    at: now,
    ...(grant.project === undefined ? {} : { project: grant.project }),
    data: { grant: grant.id, person: person.handle, role: grant.role, reason },
  });
}

export async function findGrant(tx: Transaction, id: string): Promise<NewGrant> {
  const grant = await tx.grants.get(id as GrantId);
  if (grant !== undefined) return grant;
  throw new Failure('grant/unknown', `there is no grant ${id}`, { hint: 'liftlock grant list' });
}

/** Somebody must be left who can grant: losing the last one would need the database to repair. */
export async function refuseLastAdministrator(
  world: World,
  tx: Transaction,
  { person, grant }: { person: PersonId; grant?: GrantId },
): Promise<void> {
  const left = await administrators(world, tx);
  const others = left.filter((one) => (grant === undefined ? one.person !== person : one.id !== grant));
  if (left.some((one) => one.person === person) && others.length === 0)
    throw new Failure('grant/refused', 'this would leave nobody who can grant roles on every project', {
      hint: 'make somebody else an administrator first: liftlock grant add <person> admin',
      reason: 'LAST_ADMINISTRATOR',
    });
}

async function refuseOwn(world: World, tx: Transaction, person: PersonId): Promise<void> {
  const others = (await administrators(world, tx)).filter((one) => one.person !== person);
  if (others.length > 0)
    throw new Failure('grant/refused', 'nobody gives himself a role while another administrator can', {
      hint: 'ask one of the other administrators',
      reason: 'OWN_GRANT',
    });
}

/** Grants in force of administrators of every project who are not disabled. */
async function administrators(world: World, tx: Transaction): Promise<readonly NewGrant[]> {
  const enabled = new Set((await tx.people.list()).filter((one) => one.disabledAt === undefined).map(({ id }) => id));
  const all = await tx.grants.list({ inForceAt: world.clock.now() });
  return all.filter((one) => one.role === 'admin' && one.project === undefined && enabled.has(one.person));
}
