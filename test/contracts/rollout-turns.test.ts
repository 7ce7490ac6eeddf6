/** Rollouts that are measured for a long time: what was said first still decides, and a look reads only what is new. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PostgresStore } from '../../src/adapters/postgres/store.ts';
import type { PromotionId } from '../../src/domain/base/id.ts';
import { instant, type Duration } from '../../src/domain/base/time.ts';
import { usualLimits } from '../../src/domain/pipeline/metric-spec.ts';
import { usualAnalysis } from '../../src/domain/pipeline/rollout-spec.ts';
import { verdictAt } from '../../src/domain/rollout/decide.ts';
import { beginRollout } from '../../src/domain/rollout/rollout.ts';
import { tallyOf, withTurns } from '../../src/domain/rollout/tally.ts';
import { withMeasurements } from '../../src/engine/rollout/measure.ts';
import { recomputeRollout } from '../../src/engine/rollout/recompute-rollout.ts';
import { query, withStore, type TestDatabase } from '../world/make.ts';
import { insertRelease, insertShop, makePromotion, makeSpec } from '../make/records.ts';

const second = 1_000 as Duration;
const metric = (name: string) => ({
  name,
  source: { from: 'command', run: './look', read: 'exit-code' } as const,
  every: second,
  delay: second,
  timeout: second,
  limits: { ...usualLimits, failures: 1, successes: 11_000 },
  dryRun: false,
});
const steps = [{ step: 'weight', percent: 5, for: 60_000 as Duration }] as const;
const analysis = { ...usualAnalysis, metrics: [metric('lag'), metric('queue')] };

describe('turns of a long rollout', () => {
  let store: PostgresStore;
  let database: TestDatabase;
  withStore((opened, at) => ([store, database] = [opened, at]));

  /** So many turns of each metric; of `lag` the first ones said something else than yes. */
  async function measured(turns: number, first: readonly string[]) {
    const { promotion, project } = await store.transaction(async (tx) => {
      const shop = await insertShop(tx, [makeSpec('live')]);
      const environment = shop.environments['live']!;
      const release = await insertRelease(tx, shop.project.id);
      const entering = makePromotion(environment, release.id);
      await tx.promotions.insert(entering, shop.project.id);
      const rollout = beginRollout(entering.id, { strategy: 'canary', steps, analysis, users: 'none' }, instant(1));
      await tx.rollouts.insert({ environment, rollout, waiting: undefined, dueAt: undefined, startedAt: instant(1) });
      return { promotion: entering.id, project: shop.project.name };
    });
    await query(
      database.url,
      `insert into rollout_metrics (promotion_id, metric, turn, due_at, touched_at, at, reading, says, because)
       select $1, metric, turn, turn * 1000, turn * 1000, turn * 1000 + 5, jsonb_build_object('says', says, 'because', 'so'), says, 'so'
       from generate_series(0, $2::integer - 1) as turn, unnest(array['lag', 'queue']) as metric,
         lateral (select case when metric = 'lag' then coalesce(($3::text[])[turn + 1], 'success') else 'success' end as says) as said`,
      [promotion, turns, first],
    );
    return { promotion, project };
  }

  const look = (promotion: PromotionId) =>
    store.transaction(async (tx) => {
      const row = (await tx.rollouts.get(promotion))!;
      const seen = await withMeasurements(tx, row.rollout);
      await tx.rollouts.update({ ...row, rollout: seen.rollout });
      return seen;
    });

  test('R35: failures of the first minute decide after 12,000 turns, and all successes are counted', async () => {
    const { promotion } = await measured(12_000, ['failure', 'success', 'failure']);
    const { rollout, openTurns } = await look(promotion);
    assert.deepEqual(openTurns, []);
    assert.deepEqual(tallyOf(rollout, 'lag').said, { success: 11_998, failure: 2, inconclusive: 0, error: 0 });
    assert.equal(tallyOf(rollout, 'queue').counted.success, 12_000);
    const verdict = verdictAt(rollout, instant(100_000)).verdict!;
    assert.equal(verdict.says, 'worse');
    assert.match(verdict.because, /lag: 2 failures, 1 are tolerated$/);
  });

  test('a look reads only turns that no look counted before, and those that are being measured', async () => {
    const { promotion } = await measured(3_000, []);
    await look(promotion);
    const begin = (name: string, turn: number) =>
      store.transaction((tx) =>
        tx.rolloutMetrics.begin({ promotion, metric: name, turn, dueAt: instant(turn * 1_000) }, instant(1)),
      );
    await begin('lag', 3_000);
    await begin('queue', 3_007);
    const word = { says: 'error', because: 'so' } as const;
    await store.transaction((tx) =>
      tx.rolloutMetrics.finish({ promotion, metric: 'lag', turn: 3_000 }, { at: instant(9), reading: word, ...word }),
    );
    const { rollout } = (await store.transaction((tx) => tx.rollouts.get(promotion)))!;
    const known = { lag: tallyOf(rollout, 'lag').turn, queue: tallyOf(rollout, 'queue').turn };
    assert.deepEqual(known, { lag: 2_999, queue: 2_999 });
    const read = await store.transaction((tx) => tx.rolloutMetrics.after(promotion, known, 1_000));
    assert.deepEqual(read.map(({ metric: name, turn, says }) => [name, turn, says]).toSorted(), [
      ['lag', 3_000, 'error'],
      ['queue', 3_007, undefined],
    ]);
    const { openTurns } = await look(promotion);
    assert.deepEqual(
      openTurns.map(({ turn }) => turn),
      [3_007],
    );
    assert.equal(tallyOf((await look(promotion)).rollout, 'lag').said.error, 1);
  });

  test('the newest measurements are those that are shown, oldest first, without what is not measured yet', async () => {
    const { promotion } = await measured(50, []);
    await store.transaction((tx) =>
      tx.rolloutMetrics.begin({ promotion, metric: 'lag', turn: 50, dueAt: instant(50_000) }, instant(1)),
    );
    const newest = await store.transaction((tx) => tx.rolloutMetrics.newest({ promotion, metric: 'lag' }, 3));
    assert.deepEqual(
      newest.map(({ turn }) => turn),
      [47, 48, 49],
    );
  });

  test('R35: an early verdict is computed again from the turns of its time, however many came later', async () => {
    const { promotion, project } = await measured(12_000, ['inconclusive', 'error', 'failure', 'error', 'error']);
    const verdicts = [
      { seen: { lag: 2 }, metricsFrom: undefined },
      { seen: { lag: 4, queue: 3 }, metricsFrom: instant(3_000) },
      { seen: { lag: 11_999, queue: 11_998 }, metricsFrom: instant(3_000) },
    ];
    const { rollout } = await look(promotion);
    const first = ['inconclusive', 'error', 'failure', 'error', 'error'] as const;
    const turns = (name: string, count: number) =>
      Array.from({ length: count }, (_, turn) => ({
        metric: name,
        turn,
        dueAt: instant(turn * 1_000),
        says: (name === 'lag' ? first[turn] : undefined) ?? ('success' as const),
      }));
    await store.transaction(async (tx) => {
      for (const [place, { seen, metricsFrom }] of verdicts.entries()) {
        const all = Object.entries(seen).flatMap(([name, last]) => turns(name, last + 1));
        const then = withTurns({ ...rollout, tallies: undefined, metricsFrom }, all);
        const { verdict, atEnd } = verdictAt(then, instant(100_000));
        const at = instant(10 + place);
        await tx.rolloutVerdicts.record(promotion, {
          at,
          step: 0,
          decided: 'pause',
          atEnd,
          metricsFrom,
          seen,
          verdict,
        });
      }
    });
    const again = await recomputed(project, promotion);
    assert.deepEqual([again.inputs, again.equal], ['complete', true], JSON.stringify(again));
    assert.deepEqual(again.metrics[0]?.computed, { success: 11_995, failure: 1, inconclusive: 1, error: 3 });
    await query(database.url, `delete from rollout_metrics where promotion_id = $1 and turn = 2 and metric = 'lag'`, [
      promotion,
    ]);
    const less = await recomputed(project, promotion);
    assert.deepEqual([less.equal, less.metrics.map(({ equal }) => equal)], [false, [false, true]]);
    await query(database.url, 'delete from rollout_metrics where promotion_id = $1', [promotion]);
    assert.equal((await recomputed(project, promotion)).inputs, 'gone');
  });

  const recomputed = (project: string, promotion: PromotionId) =>
    recomputeRollout({ store }, { project, environment: 'live', promotion });
});
