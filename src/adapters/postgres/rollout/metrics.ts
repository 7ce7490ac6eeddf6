import { sql, type Selectable } from 'kysely';
import type { MeasuredTurn, RolloutTables, TurnKey } from '../../../ports/rollouts.ts';
import type { Database } from '../schema.ts';
import type { Db } from '../session.ts';
import { jsonb } from '../values.ts';

/** What nobody works at any more is picked up in parts. */
const mostStalled = 5_000;

export function rolloutMetrics(db: Db): RolloutTables['rolloutMetrics'] {
  const one = ({ promotion, metric, turn }: TurnKey) =>
    db
      .updateTable('rollout_metrics')
      .where('promotion_id', '=', promotion)
      .where('metric', '=', metric)
      .where('turn', '=', turn)
      .where('at', 'is', null);
  return {
    async begin({ promotion, metric, turn, dueAt }, at) {
      const begun = await db
        .insertInto('rollout_metrics')
        .values({ promotion_id: promotion, metric, turn, due_at: dueAt, touched_at: at })
        .onConflict((conflict) => conflict.columns(['promotion_id', 'metric', 'turn']).doNothing())
        .returning('turn')
        .executeTakeFirst();
      return begun !== undefined;
    },
    async after(promotion, turns, limit) {
      // Each metric by itself, so that the primary key finds the rows, however many are before them.
      const { rows } = await sql<Selectable<Database['rollout_metrics']>>`
        select measured.*
        from unnest(${Object.keys(turns)}::text[], ${Object.values(turns)}::integer[]) as known (metric, turn)
        cross join lateral (
          select * from rollout_metrics
          where promotion_id = ${promotion} and metric = known.metric and turn > known.turn
          order by turn
          limit ${limit}
        ) as measured`.execute(db);
      return rows.map(toTurn);
    },
    async newest({ promotion, metric }, limit) {
      const rows = await db
        .selectFrom('rollout_metrics')
        .selectAll()
        .where('promotion_id', '=', promotion)
        .where('metric', '=', metric)
        .where('at', 'is not', null)
        .orderBy('turn', 'desc')
        .limit(limit)
        .execute();
      return rows.reverse().map(toTurn);
    },
    async open({ promotion, metric, turn }) {
      return db
        .selectFrom('rollout_metrics')
        .select('due_at as dueAt')
        .where('promotion_id', '=', promotion)
        .where('metric', '=', metric)
        .where('turn', '=', turn)
        .where('at', 'is', null)
        .executeTakeFirst();
    },
    async touch(key, at) {
      await one(key).set({ touched_at: at }).execute();
    },
    async finish(key, { at, reading, says, because }) {
      const finished = await one(key)
        .set({ at, reading: jsonb(reading), says, because })
        .executeTakeFirst();
      return finished.numUpdatedRows > 0n;
    },
    async stalled(before) {
      return db
        .selectFrom('rollout_metrics')
        .select(['promotion_id as promotion', 'metric', 'turn'])
        .where('at', 'is', null)
        .where('touched_at', '<', before)
        .orderBy('touched_at')
        .limit(mostStalled)
        .execute();
    },
  };
}

function toTurn(row: Selectable<Database['rollout_metrics']>): MeasuredTurn {
  const { metric, turn, due_at: dueAt, at, reading, says, because } = row;
  const isMeasured = at !== null && reading !== null && says !== null;
  return {
    metric,
    turn,
    dueAt,
    says: says ?? undefined,
    measured: isMeasured ? { at, reading, says, because: because ?? '' } : undefined,
  };
}

export function rolloutVerdicts(db: Db): RolloutTables['rolloutVerdicts'] {
  return {
    async record(promotion, { at, step, decided, ...judgement }) {
      await db
        .insertInto('rollout_verdicts')
        .values({ promotion_id: promotion, at, step, decided, judgement: jsonb(judgement) })
        .execute();
    },
    async of(promotion) {
      const rows = await db
        .selectFrom('rollout_verdicts')
        .select(['at', 'step', 'decided', 'judgement'])
        .where('promotion_id', '=', promotion)
        .orderBy('at')
        .execute();
      return rows.map(({ at, step, decided, judgement }) => ({ at, step, decided, ...judgement }));
    },
  };
}
