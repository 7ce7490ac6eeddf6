import { addWebhookIn, listWebhooksIn, receiveDelivery, removeWebhookIn } from '../../engine/trigger/webhooks.ts';
import type { Duration } from '../../domain/base/time.ts';
import type { Webhook } from '../../ports/records.ts';
import { addWebhook, listWebhooks, receiveWebhook, removeWebhook, type WebhookView } from '../contract/webhooks.ts';
import { command, query, signed, type Route } from '../route.ts';

export function webhookRoutes(): readonly Route[] {
  return [
    command(addWebhook, async (world, tx, { params, body, actor }) => {
      const { project, webhook, secret } = await addWebhookIn(world, tx, {
        project: params.project,
        provider: body.provider,
        overlap: body.overlap as Duration | undefined,
        actor,
      });
      return { ...viewOf(project, webhook), secret };
    }),

    query(listWebhooks, async (world, { params }) => {
      const { project, webhooks } = await world.store.transaction((tx) => listWebhooksIn(world, tx, params.project));
      return { webhooks: webhooks.map((webhook) => viewOf(project, webhook)) };
    }),

    command(removeWebhook, async (world, tx, { params, body, actor }) => {
      await removeWebhookIn(world, tx, { project: params.project, webhook: body.webhook, actor });
      return { webhook: body.webhook };
    }),

    signed(receiveWebhook, (world, { params }, { header, body }) =>
      receiveDelivery(world, { project: params.project, provider: params.provider, header, body }),
    ),
  ];
}

function viewOf(project: string, webhook: Webhook): WebhookView {
  const { id, provider, createdBy, createdAt, endsAt, lastDeliveryAt } = webhook;
  return {
    id,
    provider,
    path: `/api/v1/projects/${project}/hooks/${provider}`,
    createdBy,
    createdAt,
    endsAt: endsAt ?? null,
    lastDeliveryAt: lastDeliveryAt ?? null,
  };
}
