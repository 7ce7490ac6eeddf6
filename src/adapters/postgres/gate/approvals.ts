/** What people decided about plans, and who had a hand in the commits between two releases. */
import { sql } from 'kysely';
import type { Instant } from '../../../domain/base/time.ts';
import type { ApprovalTables, CommitSpan } from '../../../ports/approvals.ts';
import type { Db } from '../session.ts';
import { jsonb, jsonbOrNull, present } from '../values.ts';

export function approvals(db: Db): ApprovalTables['approvals'] {
  return {
    async insert({ environment, release, planHash, statement, signature, ...same }) {
      const inserted = await db
        .insertInto('approvals')
        .values({
          ...same,
          environment_id: environment,
          release_id: release,
          plan_hash: planHash,
          statement: statement ?? null,
          signature: jsonbOrNull(signature),
        })
        .onConflict((conflict) =>
          conflict
            .columns(['environment_id', 'release_id', 'plan_hash', 'actor'])
            .where('withdrawn_at', 'is', null)
            .doNothing(),
        )
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async withdraw({ environment, release, planHash, actor }, { reason, at }) {
      const withdrawn = await db
        .updateTable('approvals')
        .set({ withdrawn_at: at, withdrawn_reason: reason })
        .where('environment_id', '=', environment)
        .where('release_id', '=', release)
        .where('plan_hash', '=', planHash)
        .where('actor', '=', actor)
        .where('decision', '=', 'approve')
        .where('withdrawn_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return withdrawn !== undefined;
    },
    async of(environment, release) {
      const rows = await db
        .selectFrom('approvals')
        .selectAll()
        .where('environment_id', '=', environment)
        .where('release_id', '=', release)
        .orderBy('at')
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        environment: row.environment_id,
        release: row.release_id,
        planHash: row.plan_hash,
        actor: row.actor,
        decision: row.decision,
        reason: row.reason,
        at: row.at,
        means: row.means,
        statement: present(row.statement),
        signature: present(row.signature),
        withdrawn: row.withdrawn_at === null ? undefined : { at: row.withdrawn_at, reason: row.withdrawn_reason ?? '' },
      }));
    },
    async ask(promotion, planHash, at) {
      await db
        .updateTable('promotions')
        .set({ asked_plan: planHash, asked_at: at })
        .where('id', '=', promotion)
        .where((or) => or.or([or('asked_plan', 'is', null), or('asked_plan', '<>', planHash)]))
        .execute();
    },
  };
}

/** A repository that cannot be read is tried again after 5 s, then with growing pauses up to five minutes (R16). */
const firstPause = 5_000;
const longestPause = 300_000;

export function contributions(db: Db): ApprovalTables['contributions'] {
  const key = ({ project, from, to }: CommitSpan) => ({ project_id: project, from_commit: from ?? '', to_commit: to });
  return {
    async record(span, { contributors, commits, complete }) {
      const values = { contributors: jsonb(contributors), commits, complete, problem: null, look_again_at: null };
      await db
        .insertInto('contributions')
        .values({ ...key(span), ...values })
        .onConflict((conflict) => conflict.columns(['project_id', 'from_commit', 'to_commit']).doUpdateSet(values))
        .execute();
    },
    async fail(span, { problem, at }) {
      await db
        .insertInto('contributions')
        .values({ ...key(span), problem, failures: 1, look_again_at: (at + firstPause) as Instant })
        .onConflict((conflict) =>
          conflict.columns(['project_id', 'from_commit', 'to_commit']).doUpdateSet({
            problem,
            failures: sql`contributions.failures + 1`,
            look_again_at: sql`${at}::bigint + least(${longestPause}::bigint, ${firstPause}::bigint * (1::bigint << least(contributions.failures, 10)))`,
          }),
        )
        .execute();
    },
    async due(now, limit) {
      const { rows } = await sql<{ project: CommitSpan['project']; from: string; to: string }>`
        select distinct e.project_id as project, span.from_commit as from, span.to_commit as to
        from promotions p
        join environments e on e.id = p.environment_id
        left join deployments d on d.id = e.deployment_id
        left join releases running on running.id = d.release_id
        join releases r on r.id = p.release_id
        cross join lateral (select coalesce(running.commit_id, '') as from_commit, r.commit_id as to_commit) span
        left join contributions c on c.project_id = e.project_id and c.from_commit = span.from_commit and c.to_commit = span.to_commit
        where p.state = 'waiting' and p.kind = 'promotion' and not e.retired
          and e.spec->'gates' @> '[{"gate":"approval"}]'
          and (c.project_id is null or c.look_again_at <= ${now})
        limit ${limit}`.execute(db);
      return rows.map(({ project, from, to }) => ({ project, from: from === '' ? undefined : from, to }));
    },
    async firstBuilt(project) {
      const row = await db
        .selectFrom('builds')
        .select('commit_id')
        .where('project_id', '=', project)
        .orderBy('number')
        .limit(1)
        .executeTakeFirst();
      return row?.commit_id;
    },
  };
}
