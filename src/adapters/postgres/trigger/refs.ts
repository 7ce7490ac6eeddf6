import { sql } from 'kysely';
import type { Transaction } from '../../../ports/store.ts';
import type { Db } from '../session.ts';

export function refs(db: Db): Transaction['refs'] {
  return {
    async tips(project) {
      const rows = await db
        .selectFrom('ref_tips')
        .select(['ref', 'commit_id', 'object_id'])
        .where('project_id', '=', project)
        .execute();
      return new Map(rows.map(({ ref, commit_id, object_id }) => [ref, { commit: commit_id, object: object_id }]));
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
    async move({ project, ref, from, to, tagObject, fastForward, firstLook = false, at }) {
      const object = tagObject ?? to;
      await db
        .insertInto('ref_log')
        .values({
          project_id: project,
          ref,
          old_commit: from ?? null,
          new_commit: to ?? null,
          new_object: object ?? null,
          fast_forward: fastForward ?? null,
          first_look: firstLook,
          seen_at: at,
        })
        .execute();
      if (to === undefined || object === undefined) {
        await db.deleteFrom('ref_tips').where('project_id', '=', project).where('ref', '=', ref).execute();
        return;
      }
      const seen = { project_id: project, ref, commit_id: to, seen_at: at };
      const tip = { commit_id: to, object_id: object, seen_at: at };
      await db
        .insertInto('ref_tips')
        .values({ project_id: project, ref, ...tip })
        .onConflict((conflict) => conflict.columns(['project_id', 'ref']).doUpdateSet(tip))
        .execute();
      await db
        .insertInto('ref_sightings')
        .values(seen)
        .onConflict((conflict) => conflict.columns(['project_id', 'commit_id', 'ref']).doNothing())
        .execute();
    },
    async objects(project, ref) {
      const rows = await db
        .selectFrom('ref_log')
        .select('new_object')
        .where('project_id', '=', project)
        .where('ref', '=', ref)
        .orderBy('id')
        .execute();
      return [...new Set(rows.flatMap(({ new_object }) => new_object ?? []))];
    },
    async note({ project, ref, object, firstLook, at }) {
      await sql`
        insert into ref_log (project_id, ref, new_object, first_look, seen_at)
        select ${project}, ${ref}, ${object}, ${firstLook}, ${at}
        where not exists (select from ref_log where project_id = ${project} and ref = ${ref} and new_object = ${object})`.execute(
        db,
      );
    },
  };
}
