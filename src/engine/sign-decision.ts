/** R21: a decision that its giver's passkey signs. The challenge is the SHA-256 of the statement, word for word. */
import { hexOf, type Json } from '../domain/base/digest.ts';
import { Failure } from '../domain/base/failure.ts';
import type { PersonId } from '../domain/base/id.ts';
import { statementText, type Statement } from '../domain/promotion/statement.ts';
import type { Transaction } from '../ports/store.ts';
import { makeChallenge, takeChallenge, type Begun } from './passkeys.ts';
import { newId, type World } from './world.ts';

export interface PasskeyAnswer {
  /** Id of the challenge. */
  readonly challenge: string;
  /** What the browser answered. */
  readonly answer: Json;
}

type Undated = Omit<Statement, 'at' | 'once'>;

/** @throws Failure `passkey/refused` when the person has none. */
export async function beginSigning(
  world: World,
  tx: Transaction,
  { statement, person, origin }: { statement: Undated; person: PersonId; origin: string },
): Promise<Begun & { readonly statement: string }> {
  const known = await tx.passkeys.ofPerson(person);
  if (known.length === 0)
    throw new Failure('passkey/refused', `${statement.person} has no passkey`, {
      reason: 'NO_PASSKEY',
      hint: 'enrol one in a browser, signed in',
    });
  const id = newId(world, 'psc');
  const text = statementText({ ...statement, at: world.clock.now(), once: id }, world.sha256);
  const place = await makeChallenge(world, tx, {
    id,
    person,
    purpose: 'decide',
    challenge: Buffer.from(hexOf(world.sha256(text)), 'hex').toString('base64url'),
    statement: text,
    origin,
  });
  return { challenge: id, statement: text, options: await world.passkeys.signingOptions({ place, known }) };
}

/** Answers the text that was signed. @throws Failure `approval/stale` when it is not what would be decided now. */
export async function signedStatement(
  world: World,
  tx: Transaction,
  { statement, person, passkey }: { statement: Undated; person: PersonId; passkey: PasskeyAnswer },
): Promise<string> {
  const place = await takeChallenge(world, tx, { id: passkey.challenge, person, purpose: 'decide' });
  const now = statementText({ ...statement, at: place.createdAt, once: place.id }, world.sha256);
  if (now !== place.statement)
    throw new Failure('approval/stale', 'what was signed is not what would be decided now', { hint: 'begin again' });
  const credential = (passkey.answer as { readonly id?: Json }).id;
  const key = (await tx.passkeys.ofPerson(person)).find((known) => known.credential === credential);
  if (key === undefined)
    throw new Failure('passkey/refused', `this is no passkey of ${statement.person}`, { reason: 'PASSKEY_UNKNOWN' });
  const counter = await world.passkeys.signed(passkey.answer, { place, passkey: key });
  await tx.passkeys.used(key.id, counter, world.clock.now());
  return now;
}
