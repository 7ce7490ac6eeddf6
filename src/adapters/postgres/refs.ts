import { sql } from 'kysely';
import type { Transaction } from '../../ports/store.ts';
import type { Db } from './session.ts';

export function refs(db: Db): Transaction['refs'] {
  return {
    async tips(project) {
      const rows = await db
        .selectFrom('ref_tips')
        .select(['ref', 'commit_id'])
        .where('project_id', '=', project)
        .execute();
      return new Map(rows.map(({ ref, commit_id }) => [ref, commit_id]));
    },
    async toLookAt(project) {
      return db
        .selectFrom('refs_to_look_at')
        .select(['ref', 'commit_id as commit'])
        .where('project_id', '=', project)
        .orderBy('ref')
        .execute();
    },
    async noteToLookAt(project, noted) {
      await sql`insert into refs_to_look_at (project_id, ref, commit_id)
        select ${project}, ref, commit_id from unnest(${noted.map(({ ref }) => ref)}::text[], ${noted.map(({ commit }) => commit)}::text[]) seen (ref, commit_id)
        on conflict (project_id, ref) do update set commit_id = excluded.commit_id`.execute(db);
    },
    async clearToLookAt(project) {
      await db.deleteFrom('refs_to_look_at').where('project_id', '=', project).execute();
    },
    async move({ project, ref, from, to, fastForward, at }) {
      await db
        .insertInto('ref_log')
        .values({
          project_id: project,
          ref,
          old_commit: from ?? null,
          new_commit: to ?? null,
          fast_forward: fastForward ?? null,
          seen_at: at,
        })
        .execute();
      if (to === undefined) {
        await db.deleteFrom('ref_tips').where('project_id', '=', project).where('ref', '=', ref).execute();
        return;
      }
      const seen = { project_id: project, ref, commit_id: to, seen_at: at };
      await db
        .insertInto('ref_tips')
        .values(seen)
        .onConflict((conflict) => conflict.columns(['project_id', 'ref']).doUpdateSet({ commit_id: to, seen_at: at }))
        .execute();
      await db
        .insertInto('ref_sightings')
        .values(seen)
        .onConflict((conflict) => conflict.columns(['project_id', 'commit_id', 'ref']).doNothing())
        .execute();
    },
  };
}
