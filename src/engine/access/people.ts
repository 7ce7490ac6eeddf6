/** People come, go and are told apart. What changes them is recorded; names and addresses are not in the record, so that they can be forgotten. */
import { emailOf, isHandle, type Person } from '../../domain/access/person.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { PersonId } from '../../domain/base/id.ts';
import type { Transaction } from '../../ports/store.ts';
import { refuseLastAdministrator } from './grants.ts';
import { newId, type World } from '../world.ts';

export interface NewPersonRequest {
  readonly handle: string;
  readonly name: string;
  readonly emails: readonly string[];
  readonly actor: string;
}

/** @throws Failure `person/exists` when the handle or an address is somebody's, `input/invalid` for what cannot be one. */
export async function addPersonIn(world: World, tx: Transaction, request: NewPersonRequest): Promise<Person> {
  const { handle, name, actor } = request;
  if (!isHandle(handle))
    throw new Failure('input/invalid', `${handle} cannot be a handle`, {
      hint: 'lower case letters, digits, dots and dashes, at most 39',
    });
  const emails = request.emails.map(readEmail);
  const now = world.clock.now();
  const person: Person = { id: newId(world, 'per'), handle, name, emails, createdAt: now, disabledAt: undefined };
  await refuseTaken(tx, person);
  if (!(await tx.people.insert({ ...person, createdBy: actor })))
    throw new Failure('person/exists', `${handle}, or one of the addresses, is somebody's already`, {
      hint: 'liftlock person list',
    });
  await tx.events.append({ kind: 'person.added', actor, at: now, data: { person: handle, emails: emails.length } });
  return person;
}

/** Says who has it: often somebody adds himself, whom `liftlock up` made already under the name of his user. */
async function refuseTaken(tx: Transaction, { handle, emails }: Person): Promise<void> {
  if ((await tx.people.byHandle(handle)) !== undefined)
    throw new Failure('person/exists', `there is a person ${handle} already`, {
      hint: `liftlock person show ${handle}`,
    });
  for (const email of emails) {
    const holder = await tx.people.byEmail(email);
    if (holder !== undefined)
      throw new Failure('person/exists', `${email} is an address of ${holder.handle} already`, {
        hint: `is it the same person? liftlock person show ${holder.handle}`,
      });
  }
}

export async function findPerson(tx: Transaction, handle: string): Promise<Person> {
  const person = await tx.people.byHandle(handle);
  if (person !== undefined) return person;
  throw new Failure('person/unknown', `there is no person ${handle}`, { hint: 'liftlock person list' });
}

/** Sessions, tokens and links end with him; his grants stay on record, and count again when he is enabled. */
export async function setDisabledIn(
  world: World,
  tx: Transaction,
  { handle, disabled, actor }: { handle: string; disabled: boolean; actor: string },
): Promise<Person> {
  const { id } = await findPerson(tx, handle);
  const person = (await tx.people.lock(id))!;
  if ((person.disabledAt !== undefined) === disabled) return person;
  const now = world.clock.now();
  if (disabled) {
    await refuseLastAdministrator(world, tx, { person: id });
    await endCredentials(tx, person, { by: actor, at: now });
  }
  await tx.people.disable(id, disabled ? now : undefined);
  const kind = disabled ? 'person.disabled' : 'person.enabled';
  await tx.events.append({ kind, actor, at: now, data: { person: handle } });
  return (await tx.people.get(id))!;
}

async function endCredentials(
  tx: Transaction,
  { id }: { id: PersonId },
  { by, at }: { by: string; at: Person['createdAt'] },
): Promise<void> {
  await tx.tokens.revokeAllOf({ person: id }, by, at);
  await tx.sessions.endAllOf(id, at);
  await tx.signIns.dropLinksOf(id);
}

export async function changeEmailIn(
  world: World,
  tx: Transaction,
  request: { handle: string; email: string; remove: boolean; actor: string },
): Promise<Person> {
  const { handle, remove, actor } = request;
  const email = readEmail(request.email);
  const { id } = await findPerson(tx, handle);
  const now = world.clock.now();
  const done = remove
    ? await tx.people.removeEmail(id, email)
    : await tx.people.addEmail({ email, person: id, by: actor, at: now });
  if (!done)
    throw new Failure(
      remove ? 'person/unknown' : 'person/exists',
      remove ? `${handle} has no such address` : "this address is somebody's already",
      { hint: `liftlock person show ${handle}` },
    );
  const kind = remove ? 'person.email-removed' : 'person.email-added';
  await tx.events.append({ kind, actor, at: now, data: { person: handle } });
  return (await tx.people.get(id))!;
}

function readEmail(text: string): string {
  const email = emailOf(text);
  if (email !== undefined) return email;
  throw new Failure('input/invalid', `${text} is not an e-mail address`);
}
