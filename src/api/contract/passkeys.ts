/** Passkeys of the caller, and decisions signed with one. Options and answers are those of WebAuthn, as JSON. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { digest, environmentParams, instant, reason, releaseName, printable } from './words.ts';

/** Checked for real by the WebAuthn library; here only the size of what identifies it. */
const browserAnswer = z
  .looseObject({ id: z.string().min(1).max(1_400), response: z.looseObject({}) })
  .describe('What `navigator.credentials` answered, by `toJSON()`.');
const options = z.looseObject({ challenge: z.string() }).describe('For `navigator.credentials`, as JSON.');

export const passkeyAnswer = z
  .strictObject({ challenge: z.string().min(1).max(60).describe('Id of the challenge.'), answer: browserAnswer })
  .meta({ id: 'PasskeyAnswer' });

const passkeyView = z
  .object({ id: z.string(), name: z.string(), createdAt: instant, lastUsedAt: instant.nullable() })
  .meta({ id: 'Passkey' });
export type PasskeyView = z.output<typeof passkeyView>;

export const listPasskeys = endpoint({
  name: 'passkeys.list',
  method: 'GET',
  path: '/api/v1/passkeys',
  permission: 'self:read',
  summary: "The caller's passkeys.",
  answer: z.object({ passkeys: z.array(passkeyView) }).meta({ id: 'Passkeys' }),
});

export const beginPasskey = endpoint({
  name: 'passkeys.begin',
  method: 'POST',
  path: '/api/v1/passkeys/begin',
  permission: 'self:manage',
  summary: 'Begins to enrol a passkey, in a browser session.',
  answer: z.object({ challenge: z.string(), options }).meta({ id: 'PasskeyBegun' }),
});

export const enrolPasskey = endpoint({
  name: 'passkeys.enrol',
  method: 'POST',
  path: '/api/v1/passkeys',
  permission: 'self:manage',
  summary: 'Enrols the passkey that the browser made.',
  body: z.strictObject({
    challenge: z.string().min(1).max(60),
    name: z.string().trim().min(1).max(60).regex(printable).describe('For people, such as `laptop`.'),
    answer: browserAnswer,
  }),
  answer: passkeyView,
});

export const removePasskey = endpoint({
  name: 'passkeys.remove',
  method: 'POST',
  path: '/api/v1/passkeys/remove',
  permission: 'self:manage',
  summary: "Removes one of the caller's passkeys, for good.",
  body: z.strictObject({ passkey: z.string().min(1).max(60).describe('Id of a passkey.') }),
  answer: z.object({ passkey: z.string(), removed: z.literal(true) }).meta({ id: 'PasskeyRemoved' }),
});

export const beginDecision = endpoint({
  name: 'environments.begin-decision',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/begin-decision',
  permission: 'approval:create',
  summary: 'What one decides, word for word, to be read before it is done; a passkey signs its SHA-256.',
  params: environmentParams,
  body: z.strictObject({
    release: releaseName,
    decision: z.enum(['approve', 'reject']),
    planHash: digest.optional(),
    reason,
  }),
  answer: z
    .object({
      challenge: z.string(),
      statement: z.string(),
      planHash: digest,
      options: options.nullable().describe('null: the caller has no passkey, and none is asked for.'),
      required: z.boolean().describe('Without a passkey it would not count.'),
    })
    .meta({ id: 'DecisionBegun' }),
});
export type DecisionBegun = z.output<typeof beginDecision.answer>;
