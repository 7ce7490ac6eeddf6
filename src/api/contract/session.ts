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

const sessionView = z
  .object({
    id: z.string(),
    person: z.string(),
    browser: z.string().nullable().describe('In words; null where it did not say.'),
    startedAt: instant,
    lastUsedAt: instant.nullable().describe('To a minute.'),
    expiresAt: instant,
    current: z.boolean().describe('Whether it is the one with which this is asked.'),
  })
  .meta({ id: 'BrowserSession' });
export type SessionView = z.output<typeof sessionView>;

const sessions = z.object({ sessions: z.array(sessionView) }).meta({ id: 'BrowserSessions' });

export const listOwnSessions = endpoint({
  name: 'self.sessions',
  method: 'GET',
  path: '/api/v1/me/sessions',
  permission: 'self:read',
  summary: 'The browsers in which you are signed in, newest first.',
  answer: sessions,
});

export const listSessions = endpoint({
  name: 'sessions.list',
  method: 'GET',
  path: '/api/v1/sessions',
  permission: 'person:read',
  summary: 'The browsers in which people are signed in, newest first.',
  query: z.strictObject({ person: z.string().min(1).max(60).optional().describe('Of this person alone.') }),
  answer: sessions,
});

export const endNamedSession = endpoint({
  name: 'sessions.end',
  method: 'POST',
  path: '/api/v1/sessions/{session}/end',
  permission: 'self:manage',
  summary: 'Ends a session of yours; an administrator ends anybody’s.',
  params: z.strictObject({ session: z.string().min(1).max(60).describe('Id of a session.') }),
  answer: z.object({ session: z.string() }).meta({ id: 'NamedSessionEnded' }),
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
