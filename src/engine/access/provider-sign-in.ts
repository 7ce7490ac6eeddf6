/** Signing in at an OpenID provider: who goes must be who comes back, and must be known here. */
import { emailOf, type Person } from '../../domain/access/person.ts';
import { encodeBytes } from '../../domain/base/id.ts';
import { Failure } from '../../domain/base/failure.ts';
import { plus, type Duration } from '../../domain/base/time.ts';
import type { SignInAttempt } from '../../ports/access.ts';
import type { Identity, IdentityProvider } from '../../ports/identities.ts';
import type { Transaction } from '../../ports/store.ts';
import type { World } from '../world.ts';

const attemptLife = (10 * 60_000) as Duration;

/** Answers where the browser goes, and what its cookie must bring back. */
export async function beginAtProvider(
  world: World,
  provider: IdentityProvider,
  { redirectUri, handOver }: { redirectUri: string; handOver: SignInAttempt['handOver'] },
): Promise<{ readonly url: string; readonly browser: string }> {
  const { url, state, nonce, verifier } = await provider.begin(redirectUri);
  const browser = encodeBytes(world.random(32));
  const { sha256 } = world;
  await world.store.transaction((tx) =>
    tx.signIns.insertAttempt({
      stateHash: sha256(state),
      browserHash: sha256(browser),
      nonce,
      verifier,
      handOver,
      expiresAt: plus(world.clock.now(), attemptLife),
    }),
  );
  return { url, browser };
}

/**
 * Who came back.
 * @throws Failure `request/unauthenticated` with reason OIDC_STATE for an answer to nothing that this browser began.
 */
export async function finishAtProvider(
  world: World,
  provider: IdentityProvider,
  came: { url: string; state: string; browser: string | undefined },
): Promise<{ readonly identity: Identity; readonly handOver: SignInAttempt['handOver'] }> {
  const { sha256, clock } = world;
  const attempt = await world.store.transaction((tx) => tx.signIns.takeAttempt(sha256(came.state)));
  const isOurs = attempt !== undefined && came.browser !== undefined && attempt.browserHash === sha256(came.browser);
  if (!isOurs || attempt.expiresAt <= clock.now())
    throw refuse('OIDC_STATE', 'this browser did not begin this sign-in, or began it too long ago');
  const { nonce, verifier, handOver } = attempt;
  return { identity: await provider.finish(came.url, { state: came.state, nonce, verifier }), handOver };
}

/**
 * The person whom the provider means: bound to its name before, or, the first time, known by a verified address.
 * Nobody is made by signing in.
 */
export async function personOfIn(world: World, tx: Transaction, identity: Identity): Promise<Person> {
  const { issuer, subject } = identity;
  const bound = await tx.people.bySubject(issuer, subject);
  if (bound !== undefined) return enabled(bound);
  const email = identity.email === undefined ? undefined : emailOf(identity.email);
  if (email === undefined)
    throw refuse('OIDC_EMAIL_NOT_VERIFIED', 'the provider does not vouch for an address of this person');
  const known = await tx.people.byEmail(email);
  if (known === undefined)
    throw refuse('OIDC_PERSON_UNKNOWN', 'nobody here has the address that the provider vouches for');
  const person = enabled(known);
  const at = world.clock.now();
  if (!(await tx.people.bindSubject({ issuer, subject, person: person.id, at })))
    throw refuse('OIDC_OTHER_SUBJECT', `${person.handle} is somebody else at this provider`);
  await tx.events.append({ kind: 'person.bound', actor: person.handle, at, data: { person: person.handle, issuer } });
  return person;
}

function enabled(person: Person): Person {
  if (person.disabledAt === undefined) return person;
  throw refuse('PERSON_DISABLED', `${person.handle} may no longer sign in`);
}

function refuse(reason: string, message: string): Failure {
  return new Failure('request/unauthenticated', message, {
    reason,
    hint: 'Begin again at /sign-in; an administrator makes people and their addresses known: liftlock person add.',
  });
}
