import { trustDefaults } from '../../../domain/pipeline/defaults.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Db } from '../session.ts';
import { jsonb } from '../values.ts';

export function pipelines(db: Db): Transaction['pipelines'] {
  return {
    async insert(revision) {
      await db
        .insertInto('pipeline_revisions')
        .values({
          id: revision.id,
          project_id: revision.project,
          digest: revision.digest,
          pipeline: jsonb(revision.pipeline),
          source_text: revision.text,
          applied_by: revision.appliedBy,
          applied_at: revision.appliedAt,
        })
        .execute();
    },
    async current(project) {
      const row = await db
        .selectFrom('projects')
        .innerJoin('pipeline_revisions as revision', 'revision.id', 'projects.revision_id')
        .where('projects.id', '=', project)
        .selectAll('revision')
        .executeTakeFirst();
      return (
        row && {
          id: row.id,
          project: row.project_id,
          digest: row.digest,
          // Recorded before a key of it was known: what the default asks for.
          pipeline: { ...row.pipeline, trust: { ...trustDefaults, ...row.pipeline.trust } },
          text: row.source_text,
          appliedBy: row.applied_by,
          appliedAt: row.applied_at,
        }
      );
    },
  };
}
