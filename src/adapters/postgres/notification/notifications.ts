/** The outbox: what is told of the event log. */
import { sql, type Selectable } from 'kysely';
import type { Json } from '../../../domain/base/digest.ts';
import type { NotificationTables, StoredNotification } from '../../../ports/notifications.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { optional, present } from '../values.ts';

export function notifications(db: Db): NotificationTables['notifications'] {
  const all = db.selectFrom('notifications').selectAll();
  return {
    async place() {
      return (await db.selectFrom('notification_reader').select('cursor').executeTakeFirstOrThrow()).cursor;
    },
    async advance(from, to) {
      const moved = await db
        .updateTable('notification_reader')
        .set({ cursor: to })
        .where('cursor', '=', from)
        .returning('cursor')
        .executeTakeFirst();
      return moved !== undefined;
    },
    async insert(notification) {
      const inserted = await db
        .insertInto('notifications')
        .values({
          id: notification.id,
          event_seq: notification.event,
          project_id: notification.project ?? null,
          environment_id: notification.environment ?? null,
          kind: notification.kind,
          severity: notification.severity,
          summary: notification.summary,
          at: notification.at,
          deciders: [...notification.deciders],
          repeats_in: notification.group ?? null,
          folded_into: notification.foldedInto ?? null,
        })
        .onConflict((conflict) => conflict.column('event_seq').doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async get(id) {
      const row = await all.where('id', '=', id).executeTakeFirst();
      return row && toNotification(row);
    },
    async list({ projects, channel, state, limit }) {
      const rows = await all
        .$if(projects !== undefined, (query) => query.where(sql<boolean>`project_id = any(${projects})`))
        .$if(channel !== undefined || state !== undefined, (query) =>
          query.where((row) =>
            row.exists(
              row
                .selectFrom('notification_deliveries as delivery')
                .select('delivery.id')
                .whereRef('delivery.notification_id', '=', 'notifications.id')
                .$if(channel !== undefined, (inner) => inner.where('delivery.channel_id', '=', channel!))
                .$if(state !== undefined, (inner) => inner.where('delivery.state', '=', state!)),
            ),
          ),
        )
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toNotification);
    },
    async lastOf(group) {
      const row = await all
        .where('repeats_in', '=', group)
        .where('folded_into', 'is', null)
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toNotification(row);
    },
    async foldedBefore({ id, group, kind }) {
      if (group === undefined) return 0;
      const before = await db
        .selectFrom('notifications')
        .select('id')
        .where('repeats_in', '=', group)
        .where('kind', '=', kind)
        .where('folded_into', 'is', null)
        .where('id', '<', id)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (before === undefined) return 0;
      const { count } = await db
        .selectFrom('notifications')
        .select((row) => row.fn.countAll<number>().as('count'))
        .where('folded_into', '=', before.id)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async eventOf({ event: seq }) {
      const row = await db
        .selectFrom('events')
        .innerJoin('audit_log', (join) => join.onTrue())
        .selectAll('events')
        .select('audit_log.origin')
        .where('seq', '=', seq)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const event = {
        // Events of earlier versions have their id when the audit log has taken them in; those are not told.
        id: row.id ?? `evt_${row.seq}`,
        kind: row.kind,
        actor: row.actor,
        at: row.at,
        ...optional('project', row.project_id),
        ...optional('environment', row.environment_id),
        ...optional('release', row.release_id),
        ...optional('promotion', row.promotion_id),
        data: row.data as { readonly [key: string]: Json },
      };
      return { event, source: row.origin };
    },
    async forget(before) {
      await db
        .deleteFrom('notifications')
        .where('at', '<', before)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('notification_deliveries as delivery')
                .select('delivery.id')
                .whereRef('delivery.notification_id', '=', 'notifications.id')
                .where('delivery.state', '=', 'waiting'),
            ),
          ),
        )
        .execute();
    },
  };
}

function toNotification(row: Selectable<Database['notifications']>): StoredNotification {
  return {
    id: row.id,
    event: row.event_seq,
    project: present(row.project_id),
    environment: present(row.environment_id),
    kind: row.kind,
    severity: row.severity,
    summary: row.summary,
    at: row.at,
    deciders: row.deciders,
    group: present(row.repeats_in),
    foldedInto: present(row.folded_into),
  };
}
