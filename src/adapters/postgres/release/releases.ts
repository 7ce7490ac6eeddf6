import { sql, type Selectable } from 'kysely';
import type { Digest } from '../../../domain/base/digest.ts';
import type { ProjectId } from '../../../domain/base/id.ts';
import type { StoredRelease } from '../../../ports/records.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb } from '../values.ts';

/** Enough to show that a beginning is ambiguous. */
const mostFound = 20;

export function releases(db: Db): Transaction['releases'] {
  return {
    async insert(release, artifactBytes) {
      await db
        .insertInto('releases')
        .values({
          id: release.id,
          project_id: release.project,
          number: release.number,
          commit_id: release.content.commit,
          artifact: release.content.artifact,
          artifact_bytes: artifactBytes,
          content: jsonb(release.content),
          created_at: release.createdAt,
        })
        // Its id is the hash of its content: the same id is the same release.
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },
    async get(id) {
      const row = await stored(db).where('releases.id', '=', id).executeTakeFirst();
      return row && toRelease(row);
    },
    async find(project, text) {
      const found = await named(db, project, text).orderBy('releases.number', 'desc').limit(mostFound).execute();
      return found.map(toRelease);
    },
    async newest(project, limit, before) {
      let query = stored(db).where('releases.project_id', '=', project);
      if (before !== undefined) query = query.where('releases.number', '<', before);
      return (await query.orderBy('releases.number', 'desc').limit(limit).execute()).map(toRelease);
    },
    async artifactsInUse({ newest, verified }) {
      const { rows } = await sql<{ artifact: Digest }>`
        select distinct r.artifact
        from releases r join projects p on p.id = r.project_id
        where r.number > p.last_release_number - ${newest}::int
          or r.id in (select release_id from promotions where state <> 'ended')
          or r.id in (select d.release_id from environments e join deployments d on d.id = e.deployment_id)
          or r.id in (
            select release_id from (
              select d.release_id, row_number() over (partition by d.environment_id order by max(d.occupied_from) desc) as place
              from deployments d
              where d.occupied_from is not null
                and exists (select from verifications v where v.environment_id = d.environment_id and v.release_id = d.release_id and v.verdict = 'PASS')
                and not exists (select from vetoes v where v.release_id = d.release_id and v.lifted_at is null
                  and (v.environment_id is null or v.environment_id = d.environment_id))
              group by d.environment_id, d.release_id) last
            where place <= ${verified}::int
          )`.execute(db);
      return new Set(rows.map(({ artifact }) => artifact));
    },
  };
}

/** The first reading of `text` that fits its shape. Up to six digits are a number; other hexadecimal digits may be a commit or a ref. */
function named(db: Db, project: ProjectId, text: string) {
  const query = stored(db).where('releases.project_id', '=', project);
  if (text === 'latest') return query.where('releases.number', '=', newestNumber(db, project));
  if (/^rel_[0-9a-z]*$/.test(text)) return query.where('releases.id', 'like', `${text.replace('_', '\\_')}%` as never);
  if (/^#?\d{1,6}$/.test(text)) return query.where('releases.number', '=', Number(text.replace('#', '')));
  const tips = db
    .selectFrom('ref_tips')
    .select('commit_id')
    .where('project_id', '=', project)
    .where('ref', 'in', [text, `refs/tags/${text}`, `refs/heads/${text}`]);
  return query.where((or) => {
    const byRef = or('releases.commit_id', 'in', tips);
    return /^[0-9a-f]{4,64}$/i.test(text)
      ? or.or([byRef, or('releases.commit_id', 'like', `${text.toLowerCase()}%`)])
      : byRef;
  });
}

function newestNumber(db: Db, project: ProjectId) {
  return db
    .selectFrom('releases')
    .select((of) => of.fn.max('number').as('number'))
    .where('project_id', '=', project);
}

function stored(db: Db) {
  return db
    .selectFrom('releases')
    .selectAll('releases')
    .select(
      sql<string[]>`(select coalesce(json_agg(seen.ref order by seen.ref), '[]') from ref_sightings seen
        where seen.project_id = releases.project_id and seen.commit_id = releases.commit_id)`.as('refs'),
    );
}

function toRelease(row: Selectable<Database['releases']> & { refs: string[] }): StoredRelease {
  return {
    id: row.id,
    project: row.project_id,
    number: row.number,
    content: row.content,
    createdAt: row.created_at,
    artifactBytes: row.artifact_bytes,
    refs: row.refs,
  };
}
