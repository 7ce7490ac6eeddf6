import { sql } from 'kysely';
import type { EnvironmentId, ReleaseId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { VerdictWord } from '../../../domain/release/evidence.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Db } from '../session.ts';

/**
 * R3: only the latest verdict of a release in an environment is kept. The latest is the one recorded last: writers hold the
 * environment's row, and a clock that was set back must not make a FAIL disappear.
 */
export function verifications(db: Db): Transaction['verifications'] {
  const all = db.selectFrom('verifications').selectAll();
  return {
    async record({ environment, release, number, id, verdict, at, reason }) {
      const latest = { id, verdict, at, reason };
      await db
        .insertInto('verifications')
        .values({ environment_id: environment, release_id: release, number, since: at, ...latest })
        .onConflict((conflict) =>
          conflict.columns(['environment_id', 'release_id']).doUpdateSet({
            ...latest,
            at: sql<Instant>`greatest(verifications.at, excluded.at)`,
            since: sql<Instant>`case when verifications.verdict = excluded.verdict then verifications.since else excluded.at end`,
          }),
        )
        .execute();
    },
    async of(environment) {
      const rows = await all.where('environment_id', '=', environment).orderBy('number', 'desc').execute();
      return rows.map(toVerification);
    },
    async find(environment, release) {
      const row = await all
        .where('environment_id', '=', environment)
        .where('release_id', '=', release)
        .executeTakeFirst();
      return row && toVerification(row);
    },
  };
}

function toVerification<Row extends { environment_id: EnvironmentId; release_id: ReleaseId }>({
  environment_id,
  release_id,
  ...row
}: Row) {
  return { environment: environment_id, release: release_id, ...row };
}

export function verificationRequests(db: Db): Transaction['verificationRequests'] {
  const all = db
    .selectFrom('verification_requests')
    .select([
      'id',
      'environment_id as environment',
      'release_id as release',
      'requested_by as by',
      'requested_at as at',
      'state',
      'verdict',
      'reason',
    ]);
  return {
    async insert({ id, environment, release, by, at, state }) {
      const inserted = await db
        .insertInto('verification_requests')
        .values({
          id,
          environment_id: environment,
          release_id: release,
          requested_by: by,
          requested_at: at,
          state,
          touched_at: at,
        })
        .onConflict((conflict) =>
          // Written out: PostgreSQL finds the index by it, which it cannot with a parameter once the plan is generic.
          conflict.column('environment_id').where('state', '=', sql.lit('waiting')).doNothing(),
        )
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async get(id) {
      const row = await all.where('id', '=', id).executeTakeFirst();
      return row && toRequest(row);
    },
    async end(id, { verdict, reason, at }) {
      const ended = { state: 'ended', verdict, reason, ended_at: at } as const;
      await db
        .updateTable('verification_requests')
        .set(ended)
        .where('id', '=', id)
        .where('state', '=', 'waiting')
        .execute();
    },
    async touch(id, at) {
      await db.updateTable('verification_requests').set({ touched_at: at }).where('id', '=', id).execute();
    },
    async stalled(before) {
      const rows = await all
        .where('state', '=', 'waiting')
        .where('touched_at', '<', before)
        .orderBy('requested_at')
        .execute();
      return rows.map(toRequest);
    },
  };
}

function toRequest<Row extends { verdict: VerdictWord | null; reason: string | null }>(row: Row) {
  return { ...row, verdict: row.verdict ?? undefined, reason: row.reason ?? undefined };
}
