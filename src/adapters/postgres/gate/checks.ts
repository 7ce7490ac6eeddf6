/** Questions to the world outside, and what came back. */
import type { Selectable } from 'kysely';
import type { Json } from '../../../domain/base/digest.ts';
import type { GateTables, StoredCheck } from '../../../ports/gate-records.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonbOrNull, present } from '../values.ts';

export function checks(db: Db): GateTables['checks'] {
  const all = db.selectFrom('gate_checks').selectAll();
  return {
    async insert(check) {
      const inserted = await db
        .insertInto('gate_checks')
        .values({ ...named(check), ...changing(check), touched_at: check.askedAt })
        .onConflict((conflict) =>
          conflict.columns(['environment_id', 'release_id', 'kind', 'name', 'subject']).doNothing(),
        )
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async get(id) {
      const row = await all.where('id', '=', id).executeTakeFirst();
      return row && toCheck(row);
    },
    async lock(id) {
      const row = await all.where('id', '=', id).forUpdate().executeTakeFirst();
      return row && toCheck(row);
    },
    async update(check) {
      await db.updateTable('gate_checks').set(changing(check)).where('id', '=', check.id).execute();
    },
    async of(environment, release) {
      const rows = await all
        .where('environment_id', '=', environment)
        .where('release_id', '=', release)
        .orderBy('asked_at')
        .orderBy('id')
        .execute();
      return rows.map(toCheck);
    },
    async due(now, limit) {
      const rows = await all
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .execute();
      return rows.map(toCheck);
    },
    async touch(id, at) {
      await db.updateTable('gate_checks').set({ touched_at: at }).where('id', '=', id).execute();
    },
    async stalled(before) {
      const rows = await all.where('state', '=', 'asking').where('touched_at', '<', before).limit(200).execute();
      return rows.map(toCheck);
    },
  };
}

function named({ id, environment, release, promotion, kind, name, subject }: StoredCheck) {
  return {
    id,
    environment_id: environment,
    release_id: release,
    promotion_id: promotion ?? null,
    kind,
    name,
    subject,
  };
}

function changing({ state, attempt, answer, because, data, askedAt, answeredAt, dueAt }: StoredCheck) {
  return {
    state,
    attempt,
    answer: answer ?? null,
    because,
    data: jsonbOrNull(data),
    asked_at: askedAt,
    answered_at: answeredAt ?? null,
    due_at: dueAt ?? null,
  };
}

function toCheck(row: Selectable<Database['gate_checks']>): StoredCheck {
  return {
    id: row.id,
    environment: row.environment_id,
    release: row.release_id,
    promotion: present(row.promotion_id),
    kind: row.kind,
    name: row.name,
    subject: row.subject,
    state: row.state,
    attempt: row.attempt,
    answer: present(row.answer),
    because: row.because,
    data: present(row.data as Json | null),
    askedAt: row.asked_at,
    answeredAt: present(row.answered_at),
    dueAt: present(row.due_at),
  };
}
