import { Failure } from '../../domain/base/failure.ts';
import { clientOf } from '../client.ts';
import { findServer, keepToken, type Place } from '../credentials.ts';
import type { Act, Invocation } from '../invocation.ts';

interface NewToken {
  readonly token: string;
  readonly handle: string;
  readonly expiresAt: number;
}

export const act: Act = async (invocation) => {
  const [link] = invocation.arguments;
  if (link === undefined)
    throw new Failure('input/invalid', 'a sign-in link is needed', {
      hint: 'an administrator makes one: liftlock person link <person>; then liftlock login <link>',
    });
  const { place, code } = await readLink(invocation, link);
  const client = clientOf(place);
  const made = await client.post<NewToken>('/api/v1/sign-in', { code, name: 'liftlock login' });
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
  return {
    place: await findServer({ ...invocation, config: { ...config, serverUrl: url.origin } }),
    code: url.hash.slice(1),
  };
}
