/** Main as far as it is verified, where commits were seen first, and what maintainers accepted of a platform's commits. */
import { sql } from 'kysely';
import type { TrustTables } from '../../../ports/trust.ts';
import type { Db } from '../session.ts';
import { jsonbOrNull, present } from '../values.ts';

export function mainLines(db: Db): TrustTables['mainLines'] {
  return {
    async get(project, ref) {
      const row = await db
        .selectFrom('main_lines')
        .selectAll()
        .where('project_id', '=', project)
        .where('ref', '=', ref)
        .executeTakeFirst();
      return (
        row && {
          project,
          ref,
          root: row.root,
          baseline: { commit: row.baseline, by: row.baseline_by, at: row.baseline_at },
          verified: row.verified,
          rewound: present(row.rewound),
        }
      );
    },
    async put({ project, ref, root, baseline, verified, rewound }) {
      const values = {
        root,
        baseline: baseline.commit,
        baseline_by: baseline.by,
        baseline_at: baseline.at,
        verified,
        rewound: jsonbOrNull(rewound),
      };
      await db
        .insertInto('main_lines')
        .values({ project_id: project, ref, ...values })
        .onConflict((conflict) => conflict.columns(['project_id', 'ref']).doUpdateSet(values))
        .execute();
    },
    async addVerified({ project, commit, how, at }) {
      await db
        .insertInto('verified_commits')
        .values({ project_id: project, commit_id: commit, how, at })
        .onConflict((conflict) => conflict.columns(['project_id', 'commit_id']).doNothing())
        .execute();
    },
    async isVerified(project, commit) {
      const row = await db
        .selectFrom('verified_commits')
        .select('how')
        .where('project_id', '=', project)
        .where('commit_id', '=', commit)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

export function firstSeen(db: Db): TrustTables['firstSeen'] {
  return {
    async insert({ project, ref, commits, at }) {
      if (commits.length === 0) return;
      await sql`
        insert into first_seen (project_id, commit_id, ref, seen_at)
        select ${project}, seen.id, ${ref}, ${at} from unnest(${[...commits]}::text[]) as seen (id)
        on conflict do nothing`.execute(db);
    },
    async of(project, commits) {
      if (commits.length === 0) return new Map();
      const rows = await db
        .selectFrom('first_seen')
        .select(['commit_id', 'ref', 'seen_at'])
        .where('project_id', '=', project)
        .where('commit_id', 'in', [...commits])
        .execute();
      return new Map(rows.map(({ commit_id, ref, seen_at }) => [commit_id, { ref, at: seen_at }]));
    },
  };
}

export function acceptances(db: Db): TrustTables['acceptances'] {
  return {
    async insert({ project, commit, tree, person, ...same }) {
      const inserted = await db
        .insertInto('acceptances')
        .values({ ...same, project_id: project, commit_id: commit, tree_id: tree, person_id: person })
        .onConflict((conflict) => conflict.columns(['project_id', 'commit_id', 'person_id']).doNothing())
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async of(project, commit) {
      const rows = await db
        .selectFrom('acceptances')
        .selectAll()
        .where('project_id', '=', project)
        .where('commit_id', '=', commit)
        .orderBy('at', 'desc')
        .execute();
      return rows.map(({ project_id, commit_id, tree_id, person_id, ...same }) => ({
        ...same,
        project: project_id,
        commit: commit_id,
        tree: tree_id,
        person: person_id,
      }));
    },
  };
}
