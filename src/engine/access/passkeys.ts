/** Enrolment of passkeys, in a browser session of the person they are for. */
import type { Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { PasskeyChallengeId, PasskeyId, PersonId } from '../../domain/base/id.ts';
import { plus, type Duration } from '../../domain/base/time.ts';
import type { Passkey, PasskeyChallenge } from '../../ports/approvals.ts';
import type { Transaction } from '../../ports/store.ts';
import type { Caller } from './identify.ts';
import { newId, type World } from '../world.ts';

/** Long enough to find the key, too short to be forgotten. */
const challengeTime = 300_000 as Duration;

export interface Begun {
  readonly challenge: PasskeyChallengeId;
  /** For the browser. */
  readonly options: Json;
}

/** @throws Failure `passkey/refused` for a token: whoever stole one must not be able to add a key. */
export async function beginEnrolment(
  world: World,
  { caller, origin }: { caller: Caller; origin: string },
): Promise<Begun> {
  const id = requireSession(caller);
  return world.store.transaction(async (tx) => {
    const person = (await tx.people.get(id))!;
    const challenge = await makeChallenge(world, tx, {
      person: id,
      purpose: 'enrol',
      challenge: Buffer.from(world.random(32)).toString('base64url'),
      statement: undefined,
      origin,
    });
    const known = await tx.passkeys.ofPerson(id);
    return {
      challenge: challenge.id,
      options: await world.passkeys.enrolmentOptions({ person, place: challenge, known }),
    };
  });
}

export async function enrolIn(
  world: World,
  tx: Transaction,
  request: { caller: Caller; challenge: string; name: string; answer: Json },
): Promise<Passkey> {
  const person = requireSession(request.caller);
  const place = await takeChallenge(world, tx, { id: request.challenge, person, purpose: 'enrol' });
  const enrolled = await world.passkeys.enrolled(request.answer, place);
  const at = world.clock.now();
  const passkey = {
    id: newId(world, 'psk'),
    person,
    name: request.name,
    ...enrolled,
    createdAt: at,
    lastUsedAt: undefined,
  };
  if (!(await tx.passkeys.insert(passkey)))
    throw new Failure('passkey/refused', 'this passkey is enrolled already, or was removed', {
      reason: 'PASSKEY_KNOWN',
    });
  await tx.events.append({
    kind: 'passkey.enrolled',
    actor: request.caller.handle,
    at,
    data: { passkey: passkey.id, name: request.name },
  });
  return passkey;
}

export async function removePasskeyIn(
  world: World,
  tx: Transaction,
  { caller, passkey: id }: { caller: Caller; passkey: string },
): Promise<void> {
  const own = caller.person === undefined ? [] : await tx.passkeys.ofPerson(caller.person);
  const at = world.clock.now();
  if (!own.some((passkey) => passkey.id === id) || !(await tx.passkeys.remove(id as PasskeyId, at)))
    throw new Failure('passkey/unknown', `you have no passkey ${id}`, { hint: 'liftlock passkey list' });
  await tx.events.append({ kind: 'passkey.removed', actor: caller.handle, at, data: { passkey: id } });
}

export async function makeChallenge(
  world: World,
  tx: Transaction,
  wish: Omit<PasskeyChallenge, 'id' | 'createdAt' | 'expiresAt'> & { id?: PasskeyChallengeId },
): Promise<PasskeyChallenge> {
  const at = world.clock.now();
  const challenge = { id: newId(world, 'psc'), ...wish, createdAt: at, expiresAt: plus(at, challengeTime) };
  await tx.passkeys.challenge(challenge);
  return challenge;
}

/** @throws Failure `passkey/refused` for one that was used, has run out, or was made for something or somebody else. */
export async function takeChallenge(
  world: World,
  tx: Transaction,
  { id, person, purpose }: { id: string; person: PersonId; purpose: PasskeyChallenge['purpose'] },
): Promise<PasskeyChallenge> {
  const challenge = await tx.passkeys.take(id as PasskeyChallengeId, person, world.clock.now());
  if (challenge?.purpose === purpose) return challenge;
  throw new Failure('passkey/refused', 'this challenge was used, has run out, or was made for something else', {
    reason: 'CHALLENGE_UNKNOWN',
    hint: 'begin again',
  });
}

function requireSession({ person, via }: Caller): PersonId {
  if (person !== undefined && via === 'session') return person;
  throw new Failure('passkey/refused', 'a passkey is enrolled in a browser, signed in', {
    reason: 'SESSION_REQUIRED',
    hint: 'sign in with a browser; a token is not enough',
  });
}
