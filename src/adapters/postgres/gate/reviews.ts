/** What people say of commits and findings. */
import type { Selectable } from 'kysely';
import type { GateTables, NewReview, StoredSuppression } from '../../../ports/gate-records.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';

export function reviews(db: Db): GateTables['reviews'] {
  return {
    async insert({ project, commit, ...same }) {
      await db
        .insertInto('reviews')
        .values({ ...same, project_id: project, commit_id: commit })
        .execute();
    },
    async ofCommits(project, commits) {
      if (commits.length === 0) return [];
      const rows = await db
        .selectFrom('reviews')
        .selectAll()
        .where('project_id', '=', project)
        .where('commit_id', 'in', [...commits])
        .orderBy('at')
        .orderBy('id')
        .execute();
      return rows.map(toReview);
    },
  };
}

function toReview({ project_id, commit_id, ...same }: Selectable<Database['reviews']>): NewReview {
  return { ...same, project: project_id, commit: commit_id };
}

export function suppressions(db: Db): GateTables['suppressions'] {
  return {
    async insert({ project, until, ...same }) {
      await db
        .insertInto('suppressions')
        .values({ ...same, project_id: project, until_at: until })
        .execute();
    },
    async lift(project, finding, { by, at }) {
      const lifted = await db
        .updateTable('suppressions')
        .set({ lifted_by: by, lifted_at: at })
        .where('project_id', '=', project)
        .where('finding', '=', finding)
        .where('lifted_at', 'is', null)
        .returning('id')
        .execute();
      return lifted.length;
    },
    async of(project) {
      const rows = await db
        .selectFrom('suppressions')
        .selectAll()
        .where('project_id', '=', project)
        .where('lifted_at', 'is', null)
        .orderBy('at')
        .orderBy('id')
        .execute();
      return rows.map(toSuppression);
    },
  };
}

function toSuppression(row: Selectable<Database['suppressions']>): StoredSuppression {
  const { id, project_id, finding, owner, reason, until_at, at } = row;
  return { id, project: project_id, finding, owner, reason, until: until_at, at };
}
