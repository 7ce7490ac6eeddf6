import type { SessionId, TokenId } from '../../domain/base/id.ts';
import type { Principal } from '../../engine/identify.ts';
import { endSessionIn, startSessionIn, useLinkIn } from '../../engine/sign-in.ts';
import { revokeTokenIn } from '../../engine/tokens.ts';
import type { World } from '../../engine/world.ts';
import { endSession, signInPage, signInWays, startSession } from '../contract/session.ts';
import { direct, query, type Route } from '../route.ts';
import { signInHtml, signInPolicy } from '../sign-in-page.ts';
import { cookieFor } from '../visit.ts';

export interface SignInParts {
  /** The OpenID provider that people may sign in with. */
  readonly oidc: { readonly name: string; readonly path: string } | undefined;
}

export function sessionRoutes({ oidc }: SignInParts): readonly Route[] {
  return [
    query(signInWays, async () => ({ link: true as const, oidc: oidc ?? null })),
    direct(signInPage, async () => ({
      body: signInHtml(oidc),
      headers: { 'Content-Security-Policy': signInPolicy, 'Referrer-Policy': 'no-referrer' },
    })),
    direct(startSession, async (world, { body, visit }) =>
      world.store.transaction(async (tx) => {
        // Before the link is used up: a cookie that cannot be set must not cost it.
        cookieFor(visit, '', 0);
        const person = await useLinkIn(world, tx, { code: body.code, challenge: undefined });
        const { text, expiresAt } = await startSessionIn(world, tx, { person, by: 'link' });
        const seconds = Math.floor((expiresAt - world.clock.now()) / 1000);
        return {
          body: JSON.stringify({ handle: person.handle, expiresAt }),
          headers: { 'Set-Cookie': cookieFor(visit, text, seconds) },
        };
      }),
    ),
    direct(endSession, async (world, { caller, visit }) => {
      await end(world, caller);
      const headers: Record<string, string> = caller.via === 'session' ? { 'Set-Cookie': cookieFor(visit, '', 0) } : {};
      return { body: JSON.stringify({ ended: true }), headers };
    }),
  ];
}

async function end(world: World, { via, credential, person, handle }: Principal): Promise<void> {
  await world.store.transaction((tx) =>
    via === 'session'
      ? endSessionIn(world, tx, { session: credential as SessionId, actor: handle })
      : revokeTokenIn(world, tx, { token: credential as TokenId, person, actor: handle, others: true }),
  );
}
