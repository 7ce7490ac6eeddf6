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

export type SignInWaysView = z.output<typeof signInWays.answer>;

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

/** What a command line waits for on its own machine, while its person is at the provider. */
const handOver = {
  port: z.coerce.number().int().min(1024).max(65_535).optional().describe('Where a command line listens on 127.0.0.1.'),
  state: z
    .string()
    .regex(/^[\w-]{16,128}$/)
    .optional()
    .describe('Comes back to the command line as it was.'),
  challenge: z
    .string()
    .regex(/^[\w-]{43}$/)
    .optional()
    .describe('S256 of its verifier (RFC 7636).'),
};

export const beginAtProvider = endpoint({
  name: 'sign-in.begin',
  method: 'GET',
  path: '/api/v1/sign-in/oidc',
  permission: 'public',
  summary: 'Sends a browser to the OpenID provider.',
  query: z.strictObject(handOver),
  status: 303,
  media: 'text/html; charset=utf-8',
  answer: z.string(),
});

export const returnFromProvider = endpoint({
  name: 'sign-in.return',
  method: 'GET',
  path: '/api/v1/sign-in/oidc/callback',
  permission: 'public',
  summary: 'Where the OpenID provider sends the browser back to: a session begins, or a command line gets its code.',
  query: z.looseObject({ state: z.string().min(1).max(200) }),
  media: 'text/html; charset=utf-8',
  answer: z.string(),
});
