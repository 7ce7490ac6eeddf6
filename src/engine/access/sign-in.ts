/** Links that sign somebody in once, and what signing in gives. */
import type { Person } from '../../domain/access/person.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { PersonId, SessionId } from '../../domain/base/id.ts';
import { plus, type Duration, type Instant } from '../../domain/base/time.ts';
import type { Transaction } from '../../ports/store.ts';
import { isSecretOf, makeCredential, readCredential } from './credentials.ts';
import type { World } from '../world.ts';

const sessionLife = (12 * 3_600_000) as Duration;
const usualLinkLife = (24 * 3_600_000) as Duration;

export interface MadeLink {
  readonly code: string;
  readonly expiresAt: Instant;
}

/** @throws Failure `person/unknown` for somebody who may no longer sign in. */
export async function makeLinkIn(
  world: World,
  tx: Transaction,
  {
    person,
    actor,
    life = usualLinkLife,
    challenge,
  }: { person: Person; actor: string; life?: Duration; challenge?: string },
): Promise<MadeLink> {
  if (person.disabledAt !== undefined)
    throw new Failure('person/unknown', `${person.handle} may no longer sign in`, {
      hint: `liftlock person enable ${person.handle}`,
    });
  const { id, text, secretHash } = makeCredential(world, 'link');
  const now = world.clock.now();
  const expiresAt = plus(now, life);
  await tx.signIns.insertLink({
    id,
    secretHash,
    person: person.id,
    challenge,
    createdAt: now,
    createdBy: actor,
    expiresAt,
    usedAt: undefined,
  });
  await tx.events.append({ kind: 'sign-in.link-made', actor, at: now, data: { person: person.handle, expiresAt } });
  return { code: text, expiresAt };
}

/**
 * Whose link it is; used up by this.
 * @throws Failure `request/unauthenticated` with reason LINK_UNKNOWN, LINK_USED, LINK_EXPIRED or PERSON_DISABLED.
 */
export async function useLinkIn(
  world: World,
  tx: Transaction,
  { code, challenge }: { code: string; challenge: string | undefined },
): Promise<Person> {
  const parts = readCredential('link', code);
  const link = parts && (await tx.signIns.getLink(parts.id));
  if (link === undefined || !isSecretOf(world, parts!.secret, link.secretHash) || link.challenge !== challenge)
    throw refuse('LINK_UNKNOWN', 'this sign-in link is not known');
  const now = world.clock.now();
  if (link.expiresAt <= now) throw refuse('LINK_EXPIRED', 'this sign-in link has expired');
  const person = (await tx.people.get(link.person))!;
  if (person.disabledAt !== undefined) throw refuse('PERSON_DISABLED', `${person.handle} may no longer sign in`);
  if (!(await tx.signIns.useLink(link.id, now))) throw refuse('LINK_USED', 'this sign-in link was used before');
  return person;
}

/** `text` goes into the cookie. */
export async function startSessionIn(
  world: World,
  tx: Transaction,
  { person, by, browser }: { person: Person; by: 'link' | 'oidc'; browser: string | undefined },
): Promise<{ readonly text: string; readonly expiresAt: Instant }> {
  const { id, text, secretHash } = makeCredential(world, 'session');
  const now = world.clock.now();
  const expiresAt = plus(now, sessionLife);
  const unused = { lastUsedAt: undefined, endedAt: undefined };
  await tx.sessions.insert({ id, secretHash, person: person.id, browser, createdAt: now, expiresAt, ...unused });
  await tx.events.append({ kind: 'session.started', actor: person.handle, at: now, data: { session: id, by } });
  return { text, expiresAt };
}

/** @throws Failure `session/unknown`, also for one that is over and for one of somebody else unless `others` is true. */
export async function endSessionIn(
  world: World,
  tx: Transaction,
  {
    session: id,
    actor,
    person,
    others,
  }: { session: string; actor: string; person: PersonId | undefined; others: boolean },
): Promise<void> {
  const session = await tx.sessions.get(id as SessionId);
  const now = world.clock.now();
  const isOf = session !== undefined && (session.person === person || others) && session.expiresAt > now;
  if (!isOf || !(await tx.sessions.end(session.id, now)))
    throw new Failure('session/unknown', `there is no session ${id}`, { hint: 'liftlock session list' });
  const { handle } = (await tx.people.get(session.person))!;
  await tx.events.append({ kind: 'session.ended', actor, at: now, data: { session: session.id, person: handle } });
}

function refuse(reason: string, message: string): Failure {
  return new Failure('request/unauthenticated', message, {
    reason,
    hint: 'An administrator makes a new one: liftlock person link <person>',
  });
}
