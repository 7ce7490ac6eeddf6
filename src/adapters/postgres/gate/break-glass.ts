/** Ways around gates in an emergency, and what has to be looked at afterwards. */
import type { Selectable } from 'kysely';
import type { ApprovalTables, FollowUp, StoredBreakGlass } from '../../../ports/approvals.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';

export function breakGlasses(db: Db): ApprovalTables['breakGlasses'] {
  const all = db.selectFrom('break_glasses').selectAll();
  return {
    async insert({ id, project, environment, release, gates, reason, incident, ...asked }) {
      await db
        .insertInto('break_glasses')
        .values({
          id,
          project_id: project,
          environment_id: environment,
          release_id: release,
          gates: [...gates],
          reason,
          incident,
          requested_by: asked.requestedBy,
          requested_at: asked.requestedAt,
          expires_at: asked.expiresAt,
        })
        .execute();
    },
    async lock(id) {
      const row = await all.where('id', '=', id).forUpdate().executeTakeFirst();
      return row && toBreakGlass(row);
    },
    async confirm(id, by, at) {
      await db.updateTable('break_glasses').set({ confirmed_by: by, confirmed_at: at }).where('id', '=', id).execute();
    },
    async use(id, promotion, at) {
      await db
        .updateTable('break_glasses')
        .set({ promotion_id: promotion, used_at: at })
        .where('id', '=', id)
        .where('promotion_id', 'is', null)
        .execute();
    },
    async list(project, limit) {
      const rows = await all
        .where('project_id', '=', project)
        .orderBy('requested_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toBreakGlass);
    },
  };
}

function toBreakGlass(row: Selectable<Database['break_glasses']>): StoredBreakGlass {
  return {
    id: row.id,
    project: row.project_id,
    environment: row.environment_id,
    release: row.release_id,
    gates: row.gates,
    reason: row.reason,
    incident: row.incident,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    confirmed: row.confirmed_by === null ? undefined : { by: row.confirmed_by, at: row.confirmed_at! },
    used: row.promotion_id === null ? undefined : { promotion: row.promotion_id, at: row.used_at! },
  };
}

export function followUps(db: Db): ApprovalTables['followUps'] {
  const all = db.selectFrom('follow_ups').selectAll();
  return {
    async insert({ id, project, breakGlass, openedAt, dueAt }) {
      await db
        .insertInto('follow_ups')
        .values({ id, project_id: project, break_glass_id: breakGlass, opened_at: openedAt, due_at: dueAt })
        .execute();
    },
    async lock(id) {
      const row = await all.where('id', '=', id).forUpdate().executeTakeFirst();
      return row && toFollowUp(row);
    },
    async close(id, { by, at, conclusion }) {
      await db
        .updateTable('follow_ups')
        .set({ closed_by: by, closed_at: at, conclusion })
        .where('id', '=', id)
        .execute();
    },
    async list(project, limit) {
      const rows = await all
        .where('project_id', '=', project)
        .orderBy('closed_at', (order) => order.desc().nullsFirst())
        .orderBy('opened_at', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toFollowUp);
    },
  };
}

function toFollowUp(row: Selectable<Database['follow_ups']>): FollowUp {
  return {
    id: row.id,
    project: row.project_id,
    breakGlass: row.break_glass_id,
    openedAt: row.opened_at,
    dueAt: row.due_at,
    closed:
      row.closed_by === null ? undefined : { by: row.closed_by, at: row.closed_at!, conclusion: row.conclusion ?? '' },
  };
}
