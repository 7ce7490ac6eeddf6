/** R21: a decision that its giver's passkey signs. The challenge is the SHA-256 of the statement, word for word. */
import { hexOf, type Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { PersonId } from '../../domain/base/id.ts';
import { statementText, type Statement } from '../../domain/promotion/statement.ts';
import type { PasskeyChallenge } from '../../ports/approvals.ts';
import type { Transaction } from '../../ports/store.ts';
import { makeChallenge, takeChallenge, type Begun } from '../access/passkeys.ts';
import { newId, type World } from '../world.ts';

export interface PasskeyAnswer {
  /** Id of the challenge. */
  readonly challenge: string;
  /** What the browser answered. */
  readonly answer: Json;
}

type Undated = Omit<Statement, 'at' | 'once'>;

export type BegunDecision = Omit<Begun, 'options'> & {
  readonly statement: string;
  /** For the browser; null for whoever has no passkey where none is asked for. */
  readonly options: Json;
};

/** @throws Failure `passkey/refused` when one is required and the person has none. */
export async function beginSigning(
  world: World,
  tx: Transaction,
  { statement, person, origin, required }: { statement: Undated; person: PersonId; origin: string; required: boolean },
): Promise<BegunDecision> {
  const known = await tx.passkeys.ofPerson(person);
  if (known.length === 0 && required)
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
  const options = known.length === 0 ? null : await world.passkeys.signingOptions({ place, known });
  return { challenge: id, statement: text, options };
}

/** Answers the text that was read, of a decision that was begun. @throws Failure `approval/stale` as below. */
export async function readStatement(
  world: World,
  tx: Transaction,
  { statement, person, challenge }: { statement: Undated; person: PersonId; challenge: string },
): Promise<string> {
  return stillTrue(world, statement, await takeChallenge(world, tx, { id: challenge, person, purpose: 'decide' }));
}

/** Answers the text that was signed. @throws Failure `approval/stale` when it is not what would be decided now. */
export async function signedStatement(
  world: World,
  tx: Transaction,
  { statement, person, passkey }: { statement: Undated; person: PersonId; passkey: PasskeyAnswer },
): Promise<string> {
  const place = await takeChallenge(world, tx, { id: passkey.challenge, person, purpose: 'decide' });
  const now = stillTrue(world, statement, place);
  const credential = (passkey.answer as { readonly id?: Json }).id;
  const key = (await tx.passkeys.ofPerson(person)).find((known) => known.credential === credential);
  if (key === undefined)
    throw new Failure('passkey/refused', `this is no passkey of ${statement.person}`, { reason: 'PASSKEY_UNKNOWN' });
  const counter = await world.passkeys.signed(passkey.answer, { place, passkey: key });
  await tx.passkeys.used(key.id, counter, world.clock.now());
  return now;
}

function stillTrue(world: World, statement: Undated, place: PasskeyChallenge): string {
  const now = statementText({ ...statement, at: place.createdAt, once: place.id }, world.sha256);
  if (now === place.statement) return now;
  throw new Failure('approval/stale', 'what was read or signed is not what would be decided now', {
    hint: 'begin again',
  });
}
