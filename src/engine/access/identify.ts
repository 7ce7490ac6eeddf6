/** Who is it that carries this credential? Judged anew at every request: what was taken away is gone at once. */
import type { Rights } from '../../domain/access/judge.ts';
import type { Person } from '../../domain/access/person.ts';
import type { Role } from '../../domain/access/role.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { PersonId, SessionId, TokenId } from '../../domain/base/id.ts';
import type { StoredToken } from '../../ports/access.ts';
import type { Transaction } from '../../ports/store.ts';
import { isSecretOf, readCredential } from './credentials.ts';
import type { World } from '../world.ts';

export type Presented =
  | { readonly kind: 'token'; readonly text: string }
  | { readonly kind: 'session'; readonly text: string };

/** Somebody who is known, with everything he may do. */
export interface Principal extends Rights {
  readonly person: PersonId | undefined;
  /** What is recorded: a person's handle, or `machine:…`. */
  readonly handle: string;
  /** `local`: a caller on this machine, where a route lets him in unknown. */
  readonly via: 'token' | 'session' | 'ci' | 'local';
  readonly credential: TokenId | SessionId | undefined;
}

/** Somebody as handlers see him: `roles` are those on the project that the request is about. */
export interface Caller extends Principal {
  readonly roles: readonly Role[];
}

const useRecordedEveryMs = 60_000;

/** @throws Failure `request/unauthenticated`, with a reason. */
export async function identifyIn(world: World, tx: Transaction, presented: Presented): Promise<Principal> {
  return presented.kind === 'token' ? byToken(world, tx, presented.text) : bySession(world, tx, presented.text);
}

async function byToken(world: World, tx: Transaction, text: string): Promise<Principal> {
  const parts = readCredential('token', text);
  const token = parts && (await tx.tokens.get(parts.id));
  if (token === undefined || !isSecretOf(world, parts!.secret, token.secretHash))
    throw refuse('CREDENTIAL_UNKNOWN', 'the token of this request is not the right one');
  const now = world.clock.now();
  if (token.revokedAt !== undefined) throw refuse('CREDENTIAL_REVOKED', `the token ${token.name} was revoked`);
  if (token.expiresAt <= now) throw refuse('CREDENTIAL_EXPIRED', `the token ${token.name} has expired`);
  const principal = await ownerOf(world, tx, token);
  if (token.lastUsedAt === undefined || now - token.lastUsedAt > useRecordedEveryMs)
    await tx.tokens.used(token.id, now);
  return principal;
}

async function ownerOf(world: World, tx: Transaction, token: StoredToken): Promise<Principal> {
  const limits = { projects: token.projects, actions: token.actions };
  if (token.machine !== undefined) {
    const machine = (await tx.machines.get(token.machine))!;
    if (machine.disabledAt !== undefined) throw refuse('CREDENTIAL_REVOKED', `${machine.handle} may no longer sign in`);
    const rights = [{ role: 'machine' as const, project: machine.project }];
    return { person: undefined, handle: machine.handle, via: 'ci', credential: token.id, rights, limits };
  }
  const person = enabled(await tx.people.get(token.person!));
  const rights = await tx.grants.rightsOf(person.id, world.clock.now());
  return { person: person.id, handle: person.handle, via: 'token', credential: token.id, rights, limits };
}

async function bySession(world: World, tx: Transaction, text: string): Promise<Principal> {
  const parts = readCredential('session', text);
  const session = parts && (await tx.sessions.get(parts.id));
  if (session === undefined || !isSecretOf(world, parts!.secret, session.secretHash))
    throw refuse('CREDENTIAL_UNKNOWN', 'this session is not known');
  const now = world.clock.now();
  if (session.endedAt !== undefined || session.expiresAt <= now)
    throw refuse('CREDENTIAL_EXPIRED', 'this session has ended');
  const person = enabled(await tx.people.get(session.person));
  const rights = await tx.grants.rightsOf(person.id, now);
  if (now - (session.lastUsedAt ?? session.createdAt) > useRecordedEveryMs) await tx.sessions.used(session.id, now);
  return { person: person.id, handle: person.handle, via: 'session', credential: session.id, rights, limits: {} };
}

function enabled(person: Person | undefined): Person {
  if (person !== undefined && person.disabledAt === undefined) return person;
  throw refuse('PERSON_DISABLED', `${person?.handle ?? 'this person'} may no longer sign in`);
}

function refuse(reason: string, message: string): Failure {
  return new Failure('request/unauthenticated', message, {
    reason,
    hint: 'Sign in again: `liftlock login`; or send a token as "Authorization: Bearer <token>".',
  });
}
