import type { Selectable } from 'kysely';
import type { Build } from '../../../ports/records.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { present } from '../values.ts';

export function builds(db: Db): Transaction['builds'] {
  const all = db.selectFrom('builds').selectAll();
  return {
    async insert(build) {
      const inserted = await db
        .insertInto('builds')
        .values({ ...toRow(build), touched_at: build.createdAt })
        .onConflict((conflict) => conflict.columns(['project_id', 'commit_id']).doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async get(id) {
      return toBuild(await all.where('id', '=', id).executeTakeFirst());
    },
    async lock(id) {
      return toBuild(await all.where('id', '=', id).forUpdate().executeTakeFirst());
    },
    async ofCommit(project, commit) {
      return toBuild(await all.where('project_id', '=', project).where('commit_id', '=', commit).executeTakeFirst());
    },
    async update(build) {
      const { id, ...row } = toRow(build);
      await db.updateTable('builds').set(row).where('id', '=', id).execute();
    },
    async commitsBeginning(project, text) {
      const rows = await db
        .selectFrom('builds')
        .select('commit_id')
        .where('project_id', '=', project)
        .where('commit_id', '>=', text)
        .where('commit_id', '<', `${text}g`)
        .limit(2)
        .execute();
      return rows.map((row) => row.commit_id);
    },
    async recent(project, limit) {
      const rows = await all.where('project_id', '=', project).orderBy('number', 'desc').limit(limit).execute();
      return rows.map((row) => toBuild(row)!);
    },
    async touch(id, at) {
      await db.updateTable('builds').set({ touched_at: at }).where('id', '=', id).execute();
    },
    async stalled(before) {
      const rows = await all
        .where('state', 'in', ['waiting', 'running'])
        .where('touched_at', '<', before)
        .orderBy('created_at')
        .execute();
      return rows.map((row) => toBuild(row)!);
    },
  };
}

function toRow(build: Build) {
  return {
    id: build.id,
    project_id: build.project,
    commit_id: build.commit,
    number: build.number,
    state: build.state,
    attempt: build.attempt,
    release_id: build.release ?? null,
    reason: build.reason ?? null,
    owner: build.owner ?? null,
    title: build.title,
    author: build.author,
    created_at: build.createdAt,
    started_at: build.startedAt ?? null,
    ended_at: build.endedAt ?? null,
  };
}

function toBuild(row: Selectable<Database['builds']> | undefined): Build | undefined {
  return (
    row && {
      id: row.id,
      project: row.project_id,
      commit: row.commit_id,
      number: row.number,
      state: row.state,
      attempt: row.attempt,
      release: present(row.release_id),
      reason: present(row.reason),
      owner: present(row.owner),
      title: row.title,
      author: row.author,
      createdAt: row.created_at,
      startedAt: present(row.started_at),
      endedAt: present(row.ended_at),
    }
  );
}
