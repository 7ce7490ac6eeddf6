import type { Person } from '../../domain/access/person.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { SessionId, TokenId } from '../../domain/base/id.ts';
import type { Duration } from '../../domain/base/time.ts';
import type { Principal } from '../../engine/access/identify.ts';
import {
  beginAtProvider as begin,
  finishAtProvider as finish,
  personOfIn,
} from '../../engine/access/provider-sign-in.ts';
import { endSessionIn, makeLinkIn, startSessionIn, useLinkIn } from '../../engine/access/sign-in.ts';
import { revokeTokenIn } from '../../engine/access/tokens.ts';
import type { World } from '../../engine/world.ts';
import type { SignInAttempt } from '../../ports/access.ts';
import type { IdentityProvider } from '../../ports/identities.ts';
import type { Transaction } from '../../ports/store.ts';
import {
  beginAtProvider,
  endSession,
  returnFromProvider,
  signInPage,
  signInWays,
  startSession,
} from '../contract/session.ts';
import { direct, query, type DirectAnswer, type Route } from '../route.ts';
import { signedInHtml, signInHtml, signInPolicy } from '../sign-in-page.ts';
import { cookieFor, type Visit } from '../visit.ts';

export interface SignInParts {
  /** The OpenID provider that people may sign in with. */
  readonly provider: IdentityProvider | undefined;
}

export function sessionRoutes({ provider }: SignInParts): readonly Route[] {
  const oidc = provider && { name: provider.name, path: beginAtProvider.path };
  return [
    ...providerRoutes(provider),
    query(signInWays, async () => ({ link: true as const, oidc: oidc ?? null })),
    direct(signInPage, async () => ({
      body: signInHtml(oidc),
      headers: { 'Content-Security-Policy': signInPolicy, 'Referrer-Policy': 'no-referrer' },
    })),
    direct(startSession, async (world, { body, visit }) =>
      world.store.transaction(async (tx) => {
        // Before the link is used up: a cookie that cannot be set must not cost it.
        cookieFor(visit, { name: 'session', text: '', seconds: 0 });
        const person = await useLinkIn(world, tx, { code: body.code, challenge: undefined });
        const { cookie, expiresAt } = await sessionFor(world, tx, { person, by: 'link', visit });
        return { body: JSON.stringify({ handle: person.handle, expiresAt }), headers: { 'Set-Cookie': cookie } };
      }),
    ),
    direct(endSession, async (world, { caller, visit }) => {
      await end(world, caller);
      const gone = () => cookieFor(visit, { name: 'session', text: '', seconds: 0 });
      return {
        body: JSON.stringify({ ended: true }),
        headers: caller.via === 'session' ? { 'Set-Cookie': gone() } : {},
      };
    }),
  ];
}

/** Who comes back gets a session here, or, on behalf of a command line, a code that only that command line can use. */
function providerRoutes(provider: IdentityProvider | undefined): readonly Route[] {
  const there = (): IdentityProvider => {
    if (provider !== undefined) return provider;
    throw new Failure('request/not-found', 'no OpenID provider is configured here', { hint: 'use a sign-in link' });
  };
  return [
    direct(beginAtProvider, async (world, { query: { port, state, challenge }, visit }) => {
      const redirectUri = `${visit.base}${returnFromProvider.path}`;
      const handOver =
        port === undefined || state === undefined || challenge === undefined ? undefined : { port, state, challenge };
      // Before anybody is asked: a cookie that cannot be set ends it.
      cookieFor(visit, { name: 'attempt', text: '', seconds: 0 });
      const { url, browser } = await begin(world, there(), { redirectUri, handOver });
      const cookie = cookieFor(visit, { name: 'attempt', text: browser, seconds: 600 });
      return { body: '', headers: { Location: url, 'Set-Cookie': cookie } };
    }),
    direct(returnFromProvider, async (world, { query: came, visit }) => {
      const url = `${visit.base}${returnFromProvider.path}?${new URLSearchParams(came as Record<string, string>)}`;
      const finished = await finish(world, there(), { url, state: came.state, browser: visit.cookie('attempt') });
      const { identity, handOver } = finished;
      return world.store.transaction(async (tx) => {
        const person = await personOfIn(world, tx, identity);
        if (handOver !== undefined) return handOverTo(world, tx, { person, handOver });
        const { cookie } = await sessionFor(world, tx, { person, by: 'oidc', visit });
        return {
          body: signedInHtml(person.handle),
          headers: { 'Set-Cookie': cookie, 'Content-Security-Policy': signInPolicy },
        };
      });
    }),
  ];
}

const handOverLife = 60_000 as Duration;

async function handOverTo(
  world: World,
  tx: Transaction,
  { person, handOver }: { person: Person; handOver: NonNullable<SignInAttempt['handOver']> },
): Promise<DirectAnswer> {
  const { port, state, challenge } = handOver;
  const { code } = await makeLinkIn(world, tx, { person, actor: person.handle, life: handOverLife, challenge });
  return {
    status: 303,
    body: '',
    headers: { Location: `http://127.0.0.1:${port}/?${new URLSearchParams({ code, state })}` },
  };
}

async function sessionFor(
  world: World,
  tx: Transaction,
  { person, by, visit }: { person: Person; by: 'link' | 'oidc'; visit: Visit },
): Promise<{ readonly cookie: string; readonly expiresAt: number }> {
  const { text, expiresAt } = await startSessionIn(world, tx, { person, by, browser: visit.browser });
  const seconds = Math.floor((expiresAt - world.clock.now()) / 1000);
  return { cookie: cookieFor(visit, { name: 'session', text, seconds }), expiresAt };
}

async function end(world: World, { via, credential, person, handle }: Principal): Promise<void> {
  await world.store.transaction((tx) =>
    via === 'session'
      ? endSessionIn(world, tx, { session: credential as SessionId, person, actor: handle, others: false })
      : revokeTokenIn(world, tx, { token: credential as TokenId, person, actor: handle, others: true }),
  );
}
