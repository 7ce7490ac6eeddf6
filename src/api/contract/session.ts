import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { instant } from './words.ts';

/** For browsers: the page that takes a link, which stands behind the `#` so that no server on the way and no log sees it. */
export const signInPage = endpoint({
  name: 'sign-in.page',
  method: 'GET',
  path: '/sign-in',
  permission: 'public',
  summary: 'The page on which a person signs in.',
  media: 'text/html; charset=utf-8',
  answer: z.string(),
});

export const signInWays = endpoint({
  name: 'sign-in.ways',
  method: 'GET',
  path: '/api/v1/sign-in/ways',
  permission: 'public',
  summary: 'How people sign in here.',
  answer: z
    .object({
      link: z.literal(true),
      oidc: z
        .object({ name: z.string(), path: z.string() })
        .nullable()
        .describe('An OpenID provider, if there is one.'),
    })
    .meta({ id: 'SignInWays' }),
});

export const startSession = endpoint({
  name: 'session.start',
  method: 'POST',
  path: '/api/v1/session',
  permission: 'public',
  secret: true,
  summary:
    'Turns a sign-in link, which is good once, into the session of a browser: a cookie that scripts cannot read.',
  body: z.strictObject({ code: z.string().min(1).max(200) }),
  answer: z.object({ handle: z.string(), expiresAt: instant }).meta({ id: 'Session' }),
});

export const endSession = endpoint({
  name: 'session.end',
  method: 'POST',
  path: '/api/v1/session/end',
  permission: 'self:manage',
  secret: true,
  summary: 'Ends the session, or the token, with which this is asked.',
  answer: z.object({ ended: z.boolean() }).meta({ id: 'SessionEnded' }),
});
