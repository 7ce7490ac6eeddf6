import type { NewTokenView } from '../../api/contract/sign-in.ts';
import type { SignInWaysView } from '../../api/contract/session.ts';
import { Failure } from '../../domain/base/failure.ts';
import { signInWithBrowser, type SignedIn } from '../browser-sign-in.ts';
import { clientOf } from '../client.ts';
import { findServer, keepToken, type Place } from '../credentials.ts';
import type { Act, Invocation } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const [link] = invocation.arguments;
  const { place, ...proof } = link === undefined ? await atProvider(invocation) : await readLink(invocation, link);
  const made = await clientOf(place).post<NewTokenView>('/api/v1/sign-in', { ...proof, name: 'liftlock login' });
  const file = await keepToken(invocation, place, made.token);
  const { handle, expiresAt } = made;
  invocation.output.answer(
    { url: place.url, handle, expiresAt, file },
    () => `signed in to ${place.url} as ${handle} until ${new Date(expiresAt).toISOString()}; the token is in ${file}`,
  );
  return 0;
};

/** A link names its server; a code alone is for the one that is known here. */
async function readLink(invocation: Invocation, text: string): Promise<{ place: Place; code: string }> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return { place: await findServer(invocation), code: text };
  const { config } = invocation;
  const place = await findServer({ ...invocation, config: { ...config, serverUrl: url.origin } });
  return { place, code: url.hash.slice(1) };
}

async function atProvider(invocation: Invocation): Promise<{ place: Place } & SignedIn> {
  const place = await findServer(invocation);
  const { oidc } = await clientOf(place).get<SignInWaysView>('/api/v1/sign-in/ways');
  if (oidc === null)
    throw new Failure('input/invalid', `${place.url} knows no OpenID provider: a sign-in link is needed`, {
      hint: 'an administrator makes one: liftlock person link <person>; then liftlock login <link>',
    });
  const show = (url: string) =>
    invocation.output.progress(`open this in a browser of this machine to sign in with ${oidc.name}:\n  ${url}`);
  return { place, ...(await signInWithBrowser(`${place.url}${oidc.path}`, show)) };
}
