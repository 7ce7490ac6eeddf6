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
