/** Which notification is to go to which channel, and what came of every attempt. */
import { sql, type Selectable } from 'kysely';
import type { Instant } from '../../../domain/base/time.ts';
import type { Attempt, Delivery, NotificationTables } from '../../../ports/notifications.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { present } from '../values.ts';

export function deliveries(db: Db): NotificationTables['deliveries'] {
  const all = db.selectFrom('notification_deliveries').selectAll();
  return {
    async insert(delivery) {
      await db
        .insertInto('notification_deliveries')
        .values({
          id: delivery.id,
          notification_id: delivery.notification,
          channel_id: delivery.channel,
          ...changing(delivery),
        })
        .execute();
    },
    async of(notification) {
      return (await all.where('notification_id', '=', notification).orderBy('id').execute()).map(toDelivery);
    },
    async ofMany(ids) {
      const rows = await all
        .where(sql<boolean>`notification_id = any(${[...ids]})`)
        .orderBy('id')
        .execute();
      return rows.map(toDelivery);
    },
    async lock(id) {
      const row = await all.where('id', '=', id).forUpdate().executeTakeFirst();
      return row && toDelivery(row);
    },
    async due(now, limit) {
      const rows = await all
        .where('state', '=', 'waiting')
        .where('due_at', '<=', now)
        .where(sql<boolean>`not coalesce(${held('notification_deliveries', now)}, false)`)
        .where(
          sql<boolean>`id in (
            select distinct on (channel_id) id from notification_deliveries candidate
            where state = 'waiting' and due_at <= ${now}::bigint and not exists (
              select 1 from notification_deliveries busy
              where busy.channel_id = candidate.channel_id and busy.state = 'waiting' and ${held('busy', now)})
            order by channel_id, due_at, id)`,
        )
        .orderBy('due_at')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .execute();
      return rows.map(toDelivery);
    },
    async update(delivery) {
      await db.updateTable('notification_deliveries').set(changing(delivery)).where('id', '=', delivery.id).execute();
    },
    async begin(delivery, attempt) {
      await db
        .insertInto('notification_attempts')
        .values({ delivery_id: delivery, round: attempt.round, number: attempt.number, ...said(attempt) })
        .execute();
    },
    async finish(delivery, attempt) {
      await db
        .updateTable('notification_attempts')
        .set(said(attempt))
        .where('delivery_id', '=', delivery)
        .where('round', '=', attempt.round)
        .where('number', '=', attempt.number)
        .execute();
    },
    async attempts(delivery) {
      const rows = await db
        .selectFrom('notification_attempts')
        .selectAll()
        .where('delivery_id', '=', delivery)
        .orderBy('round')
        .orderBy('number')
        .execute();
      return rows.map(toAttempt);
    },
    async dead() {
      const rows = await db
        .selectFrom('notification_deliveries as delivery')
        .innerJoin('channels as channel', 'channel.id', 'delivery.channel_id')
        .where('delivery.state', '=', 'dead')
        .where('channel.removed_at', 'is', null)
        .groupBy('delivery.channel_id')
        .select((row) => ['delivery.channel_id as channel', row.fn.countAll<number>().as('count')] as const)
        .execute();
      return rows.map(({ channel, count }) => ({ channel, count: Number(count) }));
    },
  };
}

/** A replica that is gone holds nothing. */
function held(delivery: string, now: Instant) {
  const row = sql.ref(delivery);
  return sql<boolean>`(${row}.claimed_until > ${now}::bigint and not exists (
    select 1 from replicas where replicas.id = ${row}.claimed_by and replicas.gone_at is not null))`;
}

function changing({ state, round, attempts, dueAt, claim, because, changedAt }: Delivery) {
  return {
    state,
    round,
    attempts,
    due_at: dueAt,
    claimed_by: claim?.by ?? null,
    claimed_until: claim?.until ?? null,
    because: because ?? null,
    changed_at: changedAt,
  };
}

function said({ begunAt, endedAt, outcome, status, because, nextAt }: Attempt) {
  return {
    begun_at: begunAt,
    ended_at: endedAt ?? null,
    outcome: outcome ?? null,
    status: status ?? null,
    because: because ?? null,
    next_at: nextAt ?? null,
  };
}

function toDelivery(row: Selectable<Database['notification_deliveries']>): Delivery {
  return {
    id: row.id,
    notification: row.notification_id,
    channel: row.channel_id,
    state: row.state,
    round: row.round,
    attempts: row.attempts,
    dueAt: row.due_at,
    claim:
      row.claimed_by === null || row.claimed_until === null
        ? undefined
        : { by: row.claimed_by, until: row.claimed_until },
    because: present(row.because),
    changedAt: row.changed_at,
  };
}

function toAttempt(row: Selectable<Database['notification_attempts']>): Attempt {
  return {
    round: row.round,
    number: row.number,
    begunAt: row.begun_at,
    endedAt: present(row.ended_at),
    outcome: present(row.outcome),
    status: present(row.status),
    because: present(row.because),
    nextAt: present(row.next_at),
  };
}
