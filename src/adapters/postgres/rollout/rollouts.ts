import { sql, type Selectable } from 'kysely';
import type { Instant } from '../../../domain/base/time.ts';
import type { Look } from '../../../domain/rollout/series.ts';
import { comparedMetrics } from '../../../domain/verdict/comparison.ts';
import type { RolloutRow, RolloutTables } from '../../../ports/rollouts.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb, jsonbOrNull, present } from '../values.ts';

export function rollouts(db: Db): RolloutTables['rollouts'] {
  const all = db.selectFrom('rollouts').selectAll();
  return {
    async insert({ environment, rollout, waiting, dueAt, startedAt }) {
      await db
        .insertInto('rollouts')
        .values({
          promotion_id: rollout.promotion,
          environment_id: environment,
          rollout: jsonb(rollout),
          version: 1,
          waiting: jsonbOrNull(waiting),
          due_at: dueAt ?? null,
          started_at: startedAt,
        })
        .execute();
    },
    async get(promotion) {
      const row = await all.where('promotion_id', '=', promotion).executeTakeFirst();
      return row && toRow(row);
    },
    async lock(promotion) {
      const row = await all.where('promotion_id', '=', promotion).forUpdate().executeTakeFirst();
      return row && toRow(row);
    },
    async latest(environment) {
      const row = await all
        .where('environment_id', '=', environment)
        .orderBy('started_at', 'desc')
        .orderBy('promotion_id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toRow(row);
    },
    async update({ rollout, version, waiting, dueAt }) {
      const updated = await db
        .updateTable('rollouts')
        .set({
          rollout: jsonb(rollout),
          version: version + 1,
          waiting: jsonbOrNull(waiting),
          due_at: dueAt ?? null,
        })
        .where('promotion_id', '=', rollout.promotion)
        .where('version', '=', version)
        .executeTakeFirst();
      return updated.numUpdatedRows > 0n;
    },
    async claimDue(now, { until, limit }) {
      const due = db
        .selectFrom('rollouts')
        .select('promotion_id')
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .limit(limit)
        .forUpdate()
        .skipLocked();
      const rows = await db
        .updateTable('rollouts')
        .set({ due_at: until, looks: sql<number>`looks + 1` })
        .where('promotion_id', 'in', due)
        .returningAll()
        .execute();
      return rows.map(toRow);
    },
    async wake(promotion, at) {
      const row = await db
        .updateTable('rollouts')
        .set({ due_at: at, looks: sql<number>`looks + 1` })
        .where('promotion_id', '=', promotion)
        .where('due_at', 'is not', null)
        .returning('looks')
        .executeTakeFirst();
      return row?.looks;
    },
    async recordLook(promotion, { at, span, weight, step, evidence }) {
      const kept = await db
        .insertInto('rollout_measurements')
        .values({
          promotion_id: promotion,
          at: sql<Instant>`greatest(${at}::bigint, (select max(at) + 1 from rollout_measurements where promotion_id = ${promotion}))`,
          span: jsonb(span),
          weight: weight ?? null,
          step: step ?? null,
          evidence: evidence === undefined ? null : comparedMetrics.map((metric) => evidence[metric]),
        })
        .returning('at')
        .executeTakeFirstOrThrow();
      return kept.at;
    },
    async looks(promotion, { after, limit }) {
      const rows = await db
        .selectFrom('rollout_measurements')
        .select(['at', 'span', 'weight', 'step', 'evidence'])
        .where('promotion_id', '=', promotion)
        .where('at', '>', after)
        .orderBy('at')
        .limit(limit)
        .execute();
      return rows.map(toLook);
    },
    async forgetMeasurements(before) {
      const over = db.selectFrom('rollouts').select('promotion_id').where('due_at', 'is', null);
      await db.deleteFrom('rollout_measurements').where('at', '<', before).where('promotion_id', 'in', over).execute();
      await db.deleteFrom('rollout_metrics').where('at', '<', before).where('promotion_id', 'in', over).execute();
    },
  };
}

function toLook({
  at,
  span,
  weight,
  step,
  evidence,
}: Omit<Selectable<Database['rollout_measurements']>, 'promotion_id'>): Look {
  return {
    at,
    span,
    weight: present(weight),
    step: present(step),
    evidence: evidence === null ? undefined : toEvidence(evidence),
  };
}

function toEvidence(numbers: readonly number[]): NonNullable<Look['evidence']> {
  const [errors = 1, slow = 1, slowest = 1, clientErrors = 1] = numbers;
  return { errors, slow, slowest, clientErrors };
}

function toRow(row: Selectable<Database['rollouts']>): RolloutRow {
  return {
    environment: row.environment_id,
    rollout: row.rollout,
    version: row.version,
    waiting: present(row.waiting),
    dueAt: present(row.due_at),
    looks: row.looks,
    startedAt: row.started_at,
  };
}
