import type { Selectable } from 'kysely';
import type { Channel } from '../../../domain/notification/channel.ts';
import type { NotificationTables } from '../../../ports/notifications.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb, present } from '../values.ts';

export function channels(db: Db): NotificationTables['channels'] {
  const all = db.selectFrom('channels').selectAll().where('removed_at', 'is', null);
  return {
    async insert(channel) {
      const inserted = await db
        .insertInto('channels')
        .values({
          id: channel.id,
          project_id: channel.project ?? null,
          name: channel.name,
          settings: jsonb(channel.settings),
          routes: jsonb(channel.routes),
          created_by: channel.createdBy,
          created_at: channel.createdAt,
          disabled_at: channel.disabled?.at ?? null,
          disabled_because: channel.disabled?.because ?? null,
          removed_at: null,
        })
        .onConflict((conflict) => conflict.column('name').where('removed_at', 'is', null).doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async get(id) {
      const row = await all.where('id', '=', id).executeTakeFirst();
      return row && toChannel(row);
    },
    async byName(name) {
      const row = await all.where('name', '=', name).executeTakeFirst();
      return row && toChannel(row);
    },
    async list() {
      return (await all.orderBy('name').execute()).map(toChannel);
    },
    async disable(id, at, because) {
      await db
        .updateTable('channels')
        .set({ disabled_at: at, disabled_because: because })
        .where('id', '=', id)
        .where('disabled_at', 'is', null)
        .execute();
    },
    async remove(id, at) {
      await db.updateTable('channels').set({ removed_at: at }).where('id', '=', id).execute();
      await db
        .updateTable('notification_deliveries')
        .set({
          state: 'dead',
          because: 'the channel was removed',
          claimed_by: null,
          claimed_until: null,
          changed_at: at,
        })
        .where('channel_id', '=', id)
        .where('state', '=', 'waiting')
        .execute();
    },
  };
}

function toChannel(row: Selectable<Database['channels']>): Channel {
  return {
    id: row.id,
    name: row.name,
    project: present(row.project_id),
    settings: row.settings,
    routes: row.routes,
    createdBy: row.created_by,
    createdAt: row.created_at,
    disabled: row.disabled_at === null ? undefined : { at: row.disabled_at, because: row.disabled_because ?? '' },
  };
}
