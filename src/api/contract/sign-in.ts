import { z } from 'zod';
import { action, role } from './access.ts';
import { endpoint } from './endpoint.ts';
import { instant, printable } from './words.ts';

export const whoAmI = endpoint({
  name: 'self.show',
  method: 'GET',
  path: '/api/v1/me',
  permission: 'self:read',
  summary: 'Who you are to this server, and what you may do.',
  answer: z
    .object({
      handle: z.string(),
      name: z.string().nullable(),
      via: z.enum(['token', 'session', 'ci', 'local']),
      rights: z.array(z.object({ role, project: z.string().nullable() })),
      limits: z.object({
        projects: z.array(z.string()).nullable().describe('null: no limit.'),
        actions: z.array(action).nullable().describe('null: no limit.'),
      }),
    })
    .meta({ id: 'Self' }),
});

export type SelfView = z.output<typeof whoAmI.answer>;

const tokenView = z
  .object({
    id: z.string(),
    name: z.string(),
    projects: z.array(z.string()).nullable(),
    actions: z.array(action).nullable(),
    createdAt: instant,
    expiresAt: instant,
    lastUsedAt: instant.nullable().describe('To a minute.'),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'Token' });
export type TokenView = z.output<typeof tokenView>;

const newToken = z
  .object({ id: z.string(), token: z.string().describe('Told once.'), handle: z.string(), expiresAt: instant })
  .meta({ id: 'NewToken' });

export type NewTokenView = z.output<typeof newToken>;

const tokenName = z.string().trim().regex(printable).min(1).max(100).describe('What it is for.');

export const listTokens = endpoint({
  name: 'tokens.list',
  method: 'GET',
  path: '/api/v1/tokens',
  permission: 'self:read',
  summary: 'Your own tokens, newest first, without their secrets.',
  answer: z.object({ tokens: z.array(tokenView) }).meta({ id: 'Tokens' }),
});

export const createToken = endpoint({
  name: 'tokens.create',
  method: 'POST',
  path: '/api/v1/tokens',
  permission: 'self:manage',
  secret: true,
  summary: 'A token that may do what you may, or less, until it expires.',
  body: z.strictObject({
    name: tokenName,
    projects: z.array(z.string().min(1).max(60)).min(1).max(100).optional(),
    actions: z.array(action).min(1).optional(),
    days: z.int().min(1).max(366).default(90),
  }),
  answer: newToken,
});

export const revokeToken = endpoint({
  name: 'tokens.revoke',
  method: 'POST',
  path: '/api/v1/tokens/{token}/revoke',
  permission: 'self:manage',
  summary: 'Ends a token of yours; an administrator ends anybody’s.',
  params: z.strictObject({ token: z.string().min(1).max(60).describe('Id of a token.') }),
  answer: z.object({ token: z.string() }).meta({ id: 'TokenRevoked' }),
});

export const redeemLink = endpoint({
  name: 'sign-in.redeem',
  method: 'POST',
  path: '/api/v1/sign-in',
  permission: 'public',
  secret: true,
  summary: 'Turns a sign-in link, which is good once, into a token.',
  body: z.strictObject({
    code: z.string().min(1).max(200),
    verifier: z.string().min(43).max(128).optional().describe('For a code that a browser handed over (RFC 7636).'),
    name: tokenName.default('sign-in'),
  }),
  answer: newToken,
});

export const exchangeIdentity = endpoint({
  name: 'sign-in.ci',
  method: 'POST',
  path: '/api/v1/sign-in/ci',
  permission: 'public',
  secret: true,
  summary:
    'Turns the identity token of a CI job, once, into a token of the machine that its claims name, for a quarter of an hour.',
  body: z.strictObject({ token: z.string().min(1).max(16_384) }),
  answer: newToken,
});
