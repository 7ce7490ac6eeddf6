/** Webhooks of forges: who may tell that a repository has changed. */
import { z } from 'zod';
import { webhookProviders } from '../../domain/trigger/webhook.ts';
import { endpoint } from './endpoint.ts';
import { instant, projectParams } from './words.ts';

const provider = z.enum(webhookProviders);

const webhookView = z
  .object({
    id: z.string(),
    provider,
    path: z.string().describe('Where the forge sends to, at the address under which it reaches this server.'),
    createdBy: z.string(),
    createdAt: instant,
    endsAt: instant.nullable().describe('When it no longer counts, because a newer one took its place.'),
    lastDeliveryAt: instant.nullable(),
  })
  .meta({ id: 'Webhook' });
export type WebhookView = z.output<typeof webhookView>;

export const addWebhook = endpoint({
  name: 'webhooks.add',
  method: 'POST',
  path: '/api/v1/projects/{project}/webhooks',
  permission: 'webhook:manage',
  secret: true,
  summary: 'Makes a secret for a forge to sign with. It is told once.',
  params: projectParams,
  body: z.strictObject({
    provider,
    overlap: z
      .int()
      .min(0)
      .max(30 * 86_400_000)
      .optional()
      .describe('Milliseconds for which earlier ones of this provider still count; for good when left out.'),
  }),
  answer: webhookView.extend({ secret: z.string() }).meta({ id: 'NewWebhook' }),
});
export type NewWebhookView = z.output<typeof addWebhook.answer>;

export const listWebhooks = endpoint({
  name: 'webhooks.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/webhooks',
  permission: 'webhook:read',
  summary: 'The webhooks that count, without their secrets.',
  params: projectParams,
  answer: z.object({ webhooks: z.array(webhookView) }).meta({ id: 'Webhooks' }),
});

export const removeWebhook = endpoint({
  name: 'webhooks.remove',
  method: 'POST',
  path: '/api/v1/projects/{project}/webhooks/remove',
  permission: 'webhook:manage',
  summary: 'From now on nothing vouched for by its secret is believed.',
  params: projectParams,
  body: z.strictObject({ webhook: z.string().min(1).max(60) }),
  answer: z.object({ webhook: z.string() }).meta({ id: 'WebhookRemoved' }),
});

export const receiveWebhook = endpoint({
  name: 'webhooks.receive',
  method: 'POST',
  path: '/api/v1/projects/{project}/hooks/{provider}',
  permission: 'public',
  summary:
    'A delivery of a forge, signed as that forge signs: a hint that the repository has changed. Its content is not read; the repository is.',
  params: projectParams.extend({ provider: provider.describe('Whose signature is expected.') }),
  status: 202,
  answer: z
    .object({ project: z.string(), duplicate: z.boolean().describe('It was delivered before.') })
    .meta({ id: 'DeliveryReceived' }),
});
