import { sql, type Selectable } from 'kysely';
import type { ProjectId } from '../../../domain/base/id.ts';
import type { Progress, Promotion } from '../../../domain/promotion/promotion.ts';
import type { Answers } from '../../../domain/gate/all.ts';
import type { PromotionFilter, PromotionRow } from '../../../ports/records.ts';
import type { Transaction } from '../../../ports/store.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb, jsonbOrNull, optional } from '../values.ts';

export function promotions(db: Db): Transaction['promotions'] {
  return {
    async insert(promotion, project) {
      const inserted = await db
        .insertInto('promotions')
        .values({ ...named(promotion, project), ...changing(promotion) })
        .onConflict((conflict) =>
          conflict
            .columns(['environment_id', 'release_id', 'trigger_key'])
            .where('trigger_key', 'is not', null)
            .doNothing(),
        )
        .returning('id')
        .executeTakeFirst();
      return inserted !== undefined;
    },
    async get(id) {
      const row = await rows(db).where('promotions.id', '=', id).executeTakeFirst();
      return row && toRow(row);
    },
    async update(promotion) {
      await db.updateTable('promotions').set(changing(promotion)).where('id', '=', promotion.id).execute();
    },
    async setAnswers(id, answers) {
      const values = { answers: jsonbOrNull(answers), ask_again_at: answers?.askAgainAt ?? null };
      await db.updateTable('promotions').set(values).where('id', '=', id).execute();
    },
    async countAttempt(id) {
      const { attempt } = await db
        .updateTable('promotions')
        .set({ attempt: sql<number>`attempt + 1` })
        .where('id', '=', id)
        .returning('attempt')
        .executeTakeFirstOrThrow();
      return attempt;
    },
    async everSucceeded(environment) {
      const found = await db
        .selectFrom('promotions')
        .select('id')
        .where('environment_id', '=', environment)
        .where('outcome', 'in', ['succeeded', 'rolled-back'])
        .limit(1)
        .executeTakeFirst();
      return found !== undefined;
    },
    async list(filter) {
      return (await filtered(db, filter).orderBy('promotions.seq', 'desc').limit(filter.limit).execute()).map(toRow);
    },
    async lastOf(environment, release) {
      const row = await rows(db)
        .where('promotions.environment_id', '=', environment)
        .where('promotions.release_id', '=', release)
        .orderBy('promotions.seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toRow(row);
    },
  };
}

/** What `toPromotion` reads; `facts.ts` hands over rows of the same shape. */
export type StoredPromotion = Omit<
  Selectable<Database['promotions']>,
  'seq' | 'project_id' | 'trigger_key' | 'answers' | 'ask_again_at' | 'asked_plan' | 'asked_at' | 'attempt'
>;

export function toPromotion(row: StoredPromotion): Promotion {
  return {
    id: row.id,
    environment: row.environment_id,
    release: row.release_id,
    kind: row.kind,
    origin: row.origin,
    requestedAt: row.requested_at,
    progress: toProgress(row),
    ...optional('reason', row.reason),
    ...optional('stop', row.stop),
    ...optional('supersededBy', row.superseded_by),
    ...optional('rolledBackBy', row.rolled_back_by),
    ...optional('planHash', row.plan_hash),
    ...optional('switchedAt', row.switched_at),
  };
}

/** The columns that go with each state are written together, by `changing`. */
function toProgress(row: StoredPromotion): Progress {
  switch (row.state) {
    case 'waiting':
      return { state: 'waiting' };
    case 'running':
      return { state: 'running', phase: row.phase!, lease: row.lease_id!, startedAt: row.started_at! };
    case 'ended':
      return {
        state: 'ended',
        outcome: row.outcome!,
        endedAt: row.ended_at!,
        ...optional('startedAt', row.started_at),
      };
  }
}

function named({ id, environment, release, kind, origin, requestedAt }: Promotion, project: ProjectId) {
  return {
    id,
    project_id: project,
    environment_id: environment,
    release_id: release,
    kind,
    trigger_key: origin.by === 'trigger' ? origin.key : null,
    origin: jsonb(origin),
    requested_at: requestedAt,
  };
}

function changing(promotion: Promotion) {
  const { progress } = promotion;
  return {
    state: progress.state,
    phase: progress.state === 'running' ? progress.phase : null,
    lease_id: progress.state === 'running' ? progress.lease : null,
    outcome: progress.state === 'ended' ? progress.outcome : null,
    started_at: progress.state === 'waiting' ? null : (progress.startedAt ?? null),
    ended_at: progress.state === 'ended' ? progress.endedAt : null,
    reason: promotion.reason ?? null,
    stop: jsonbOrNull(promotion.stop),
    superseded_by: promotion.supersededBy ?? null,
    rolled_back_by: promotion.rolledBackBy ?? null,
    plan_hash: promotion.planHash ?? null,
    switched_at: promotion.switchedAt ?? null,
  };
}

function rows(db: Db) {
  return db
    .selectFrom('promotions')
    .innerJoin('environments', 'environments.id', 'promotions.environment_id')
    .innerJoin('releases', 'releases.id', 'promotions.release_id')
    .selectAll('promotions')
    .select(['environments.name as environment_name', 'releases.number as release_number']);
}

function filtered(db: Db, { project, environment, release, state, before }: PromotionFilter) {
  let query = rows(db);
  if (project !== undefined) query = query.where('promotions.project_id', '=', project);
  if (environment !== undefined) query = query.where('promotions.environment_id', '=', environment);
  if (release !== undefined) query = query.where('promotions.release_id', '=', release);
  if (state !== undefined) query = query.where('promotions.state', '=', state);
  if (before !== undefined) query = query.where('promotions.seq', '<', before);
  return query;
}

type JoinedRow = Selectable<Database['promotions']> & { environment_name: string; release_number: number };

function toRow(row: JoinedRow): PromotionRow {
  return {
    promotion: toPromotion(row),
    project: row.project_id,
    environmentName: row.environment_name,
    releaseNumber: row.release_number,
    answers: row.answers === null ? undefined : toAnswers(row.answers),
    seq: row.seq,
  };
}

/** JSON leaves out what is undefined. */
function toAnswers(answers: Answers): Answers {
  return { ...answers, askAgainAt: answers.askAgainAt };
}
