import type { Selectable } from 'kysely';
import type { Webhook } from '../../../ports/records.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { present } from '../values.ts';

export function webhooks(db: Db): Transaction['webhooks'] {
  return {
    async insert(webhook) {
      await db
        .insertInto('webhooks')
        .values({
          id: webhook.id,
          project_id: webhook.project,
          provider: webhook.provider,
          secret_digest: webhook.secretDigest,
          created_by: webhook.createdBy,
          created_at: webhook.createdAt,
          ends_at: webhook.endsAt ?? null,
          last_delivery_at: webhook.lastDeliveryAt ?? null,
        })
        .execute();
    },
    async active(project, now) {
      const rows = await db
        .selectFrom('webhooks')
        .selectAll()
        .where('project_id', '=', project)
        .where((row) => row.or([row('ends_at', 'is', null), row('ends_at', '>', now)]))
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(toWebhook);
    },
    async end(id, at) {
      await db.updateTable('webhooks').set({ ends_at: at }).where('id', '=', id).execute();
    },
    async recordDelivery(webhook, names, at) {
      const inserted = await db
        .insertInto('webhook_deliveries')
        .values(names.map((name) => ({ webhook_id: webhook, name, at })))
        .onConflict((conflict) => conflict.columns(['webhook_id', 'name']).doNothing())
        .returning('name')
        .execute();
      await db.updateTable('webhooks').set({ last_delivery_at: at }).where('id', '=', webhook).execute();
      return inserted.length === names.length;
    },
    async forgetDeliveries(before) {
      await db.deleteFrom('webhook_deliveries').where('at', '<', before).execute();
    },
  };
}

function toWebhook(row: Selectable<Database['webhooks']>): Webhook {
  return {
    id: row.id,
    project: row.project_id,
    provider: row.provider,
    secretDigest: row.secret_digest,
    createdBy: row.created_by,
    createdAt: row.created_at,
    endsAt: present(row.ends_at),
    lastDeliveryAt: present(row.last_delivery_at),
  };
}
