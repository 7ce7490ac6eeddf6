/** What people decide about releases and environments: vetoes, freezes, and the answers they already got. */
import { sql, type Selectable } from 'kysely';
import type { FreezeId, ProjectId } from '../../../domain/base/id.ts';
import type { NewFreeze } from '../../../ports/records.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb, present } from '../values.ts';

export function vetoes(db: Db): Transaction['vetoes'] {
  return {
    async insert({ release, environment, ...same }) {
      await db
        .insertInto('vetoes')
        .values({ ...same, release_id: release, environment_id: environment ?? null })
        .execute();
    },
    async standing(project) {
      const rows = await db
        .selectFrom('vetoes')
        .innerJoin('releases', 'releases.id', 'vetoes.release_id')
        .selectAll('vetoes')
        .where('releases.project_id', '=', project)
        .where('vetoes.lifted_at', 'is', null)
        .orderBy('vetoes.at', 'desc')
        .execute();
      return rows.map(({ id, release_id, environment_id, by, reason, at }) => ({
        id,
        release: release_id,
        environment: present(environment_id),
        by,
        reason,
        at,
      }));
    },
    async lift(release, environment, { by, at }) {
      const active = db
        .updateTable('vetoes')
        .set({ lifted_by: by, lifted_at: at })
        .where('release_id', '=', release)
        .where('lifted_at', 'is', null);
      const lifted = await (environment === undefined ? active : active.where('environment_id', '=', environment))
        .returning('id')
        .execute();
      return lifted.length;
    },
  };
}

export function freezes(db: Db): Transaction['freezes'] {
  /** Of everything, of this project and of its environments; all there are without a project. */
  const unlifted = (project: ProjectId | undefined) => {
    const query = db.selectFrom('freezes').selectAll().where('lifted_at', 'is', null).orderBy('from_at').orderBy('id');
    if (project === undefined) return query;
    return query.where(sql<boolean>`case when environment_id is null then project_id is null or project_id = ${project}
      else environment_id in (select id from environments where environments.project_id = ${project}) end`);
  };
  return {
    async insert({ project, environment, from, until, exempt, ...same }) {
      await db
        .insertInto('freezes')
        .values({
          ...same,
          project_id: project ?? null,
          environment_id: environment ?? null,
          from_at: from,
          until_at: until ?? null,
          exempt: [...exempt],
        })
        .execute();
    },
    async lift(id, by, at) {
      const lifted = await db
        .updateTable('freezes')
        .set({ lifted_by: by, lifted_at: at })
        .where('id', '=', id)
        .where('lifted_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return lifted !== undefined;
    },
    async find(id) {
      const row = await db
        .selectFrom('freezes')
        .selectAll()
        .where('id', '=', id as FreezeId)
        .where('lifted_at', 'is', null)
        .executeTakeFirst();
      return row && toFreeze(row);
    },
    async active(project, now) {
      const query = unlifted(project)
        .where('from_at', '<=', now)
        .where((or) => or.or([or('until_at', 'is', null), or('until_at', '>', now)]));
      return (await query.execute()).map(toFreeze);
    },
    async ahead(project, now) {
      return (await unlifted(project).where('from_at', '>', now).execute()).map(toFreeze);
    },
  };
}

function toFreeze({ id, by, reason, ...row }: Selectable<Database['freezes']>): NewFreeze {
  return {
    id,
    project: present(row.project_id),
    environment: present(row.environment_id),
    by,
    reason,
    from: row.from_at,
    until: present(row.until_at),
    exempt: row.exempt,
  };
}

export function idempotency(db: Db): Transaction['idempotency'] {
  return {
    async find(actor, key) {
      const row = await db
        .selectFrom('idempotency_keys')
        .selectAll()
        .where('actor', '=', actor)
        .where('key', '=', key)
        .executeTakeFirst();
      return row && { requestDigest: row.request_digest, status: row.status, body: row.body, at: row.at };
    },
    async insert(actor, key, { requestDigest, status, body, at }) {
      const inserted = await db
        .insertInto('idempotency_keys')
        .values({ actor, key, request_digest: requestDigest, status, body: jsonb(body), at })
        .onConflict((conflict) => conflict.columns(['actor', 'key']).doNothing())
        .returning('key')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async forget(before) {
      await db.deleteFrom('idempotency_keys').where('at', '<', before).execute();
    },
  };
}
