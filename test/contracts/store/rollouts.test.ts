import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import { instant } from '../../../src/domain/base/time.ts';
import { emptySample } from '../../../src/domain/observation/sample.ts';
import { usualAnalysis, usualSteps } from '../../../src/domain/pipeline/rollout-spec.ts';
import { beginRollout } from '../../../src/domain/rollout/rollout.ts';
import type { PromotionId } from '../../../src/domain/base/id.ts';
import { withStore } from '../../world/make.ts';
import { insertRelease, insertShop, makePromotion, makeSpec } from '../../make/records.ts';

describe('rollouts in the store', () => {
  let store: PostgresStore;
  withStore((opened) => (store = opened));

  /** Due at 1,000. */
  async function started(): Promise<PromotionId> {
    return store.transaction(async (tx) => {
      const shop = await insertShop(tx, [makeSpec('live')]);
      const environment = shop.environments['live']!;
      const release = await insertRelease(tx, shop.project.id);
      const promotion = makePromotion(environment, release.id);
      await tx.promotions.insert(promotion, shop.project.id);
      const plan = { strategy: 'canary', steps: usualSteps, analysis: usualAnalysis, users: 'none' } as const;
      const rollout = beginRollout(promotion.id, plan, instant(1));
      const common = { waiting: undefined, dueAt: instant(1_000), startedAt: instant(1) };
      await tx.rollouts.insert({ environment, rollout, ...common });
      return promotion.id;
    });
  }

  test('what is read is what was written, and what was read before a change writes nothing', async () => {
    const id = await started();
    await store.transaction(async (tx) => {
      const row = (await tx.rollouts.get(id))!;
      assert.deepEqual([row.rollout.at, row.version, row.rollout.steps], [0, 1, usualSteps]);
      const waiting = { for: 'person', because: 'so', since: instant(5), until: undefined } as const;
      const moved = { ...row, rollout: { ...row.rollout, at: 1 }, waiting };
      assert.equal(await tx.rollouts.update(moved), true);
      assert.equal(await tx.rollouts.update({ ...moved, rollout: { ...row.rollout, at: 2 } }), false);
      const now = (await tx.rollouts.latest(row.environment))!;
      assert.deepEqual([now.rollout.at, now.version, now.waiting?.because], [1, 2, 'so']);
    });
  });

  test('what is due is looked at by one replica at a time, and again when that one does not come to it', async () => {
    const id = await started();
    const claim = (now: number) =>
      store.transaction((tx) => tx.rollouts.claimDue(instant(now), { until: instant(now + 500), limit: 10 }));
    const mine = async (now: number) => (await claim(now)).filter(({ rollout }) => rollout.promotion === id).length;
    assert.equal(await mine(999), 0);
    const [first, second] = await Promise.all([mine(1_000), mine(1_000)]);
    assert.equal(first + second, 1);
    assert.equal(await mine(1_499), 0);
    assert.equal(await mine(1_500), 1);
  });

  test('a turn of a metric is begun once and ended once, whoever is faster; what nobody works at is found', async () => {
    const promotion = await started();
    const key = { promotion, metric: 'lag', turn: 0 };
    const within = store.transaction.bind(store);
    const begin = () => within((tx) => tx.rolloutMetrics.begin({ ...key, dueAt: instant(10) }, instant(11)));
    assert.deepEqual((await Promise.all([begin(), begin()])).toSorted(), [false, true]);
    await within(async (tx) => {
      assert.deepEqual(await tx.rolloutMetrics.open(key), { dueAt: 10 });
      const mine = async (before: number) =>
        (await tx.rolloutMetrics.stalled(instant(before))).filter((one) => one.promotion === promotion);
      assert.deepEqual(await mine(12), [key]);
      await tx.rolloutMetrics.touch(key, instant(50));
      assert.deepEqual(await mine(12), []);
    });
    const reading = { value: 5, stable: { says: 'inconclusive', because: 'no data' } } as const;
    const measured = { at: instant(60), reading, says: 'inconclusive', because: 'so' } as const;
    const finish = () => within((tx) => tx.rolloutMetrics.finish(key, measured));
    assert.deepEqual((await Promise.all([finish(), finish()])).toSorted(), [false, true]);
    await within(async (tx) => {
      assert.equal(await tx.rolloutMetrics.open(key), undefined);
      await tx.rolloutMetrics.begin({ ...key, turn: 1, dueAt: instant(70) }, instant(71));
      assert.deepEqual(await tx.rolloutMetrics.after(promotion, { lag: -1 }, 9), [
        { metric: 'lag', turn: 0, dueAt: 10, says: 'inconclusive', measured },
        { metric: 'lag', turn: 1, dueAt: 70, says: undefined, measured: undefined },
      ]);
      const verdict = { says: 'worse', because: 'so', ignored: [], metrics: [] } as const;
      const recorded = { at: instant(80), step: 1, decided: 'return', atEnd: true, seen: { lag: 0 }, verdict } as const;
      await tx.rolloutVerdicts.record(promotion, recorded);
      assert.deepEqual(await tx.rolloutVerdicts.of(promotion), [recorded]);
      const row = (await tx.rollouts.get(promotion))!;
      await tx.rollouts.update({ ...row, dueAt: undefined });
      await tx.rollouts.forgetMeasurements(instant(1_000));
      assert.deepEqual(
        (await tx.rolloutMetrics.after(promotion, { lag: -1 }, 9)).map(({ turn }) => turn),
        [1],
        'what was measured goes when it is old',
      );
      assert.equal((await tx.rolloutVerdicts.of(promotion)).length, 1, 'what was decided stays');
    });
  });

  test('looks of the same moment, or of a clock that is behind, are kept one after the other', async () => {
    const id = await started();
    const other = await started();
    await store.transaction(async (tx) => {
      const evidence = { errors: 1, slow: 1, slowest: 1, clientErrors: 2 };
      const record = (promotion: PromotionId, at: number, step: number) => {
        const look = { at: instant(at), span: { ofNew: {}, ofStable: {} }, weight: 500, step, evidence };
        return tx.rollouts.recordLook(promotion, look);
      };
      assert.deepEqual(
        [await record(id, 10, 0), await record(id, 10, 1), await record(id, 8, 2), await record(id, 20, 3)],
        [10, 11, 12, 20],
      );
      assert.equal(await record(other, 10, 0), 10, 'each rollout has an order of its own');
      const looks = await tx.rollouts.looks(id, { after: instant(0), limit: 10 });
      assert.deepEqual(
        looks.map(({ at, step }) => [at, step]),
        [
          [10, 0],
          [11, 1],
          [12, 2],
          [20, 3],
        ],
      );
    });
  });

  test('one that is over is not woken, and what was counted of it goes when it is old', async () => {
    const id = await started();
    await store.transaction(async (tx) => {
      const evidence = { errors: 1, slow: 1.5, slowest: 1e300, clientErrors: 3.5 };
      const look = { span: { ofNew: {}, ofStable: { all: emptySample } }, weight: 500, step: 1, evidence };
      await tx.rollouts.recordLook(id, { ...look, at: instant(10) });
      await tx.rollouts.recordLook(id, { ...look, at: instant(20) });
      const looks = (from: number) => tx.rollouts.looks(id, { after: instant(from), limit: 10 });
      assert.equal(await tx.rollouts.wake(id, instant(20)), 1);
      await tx.rollouts.forgetMeasurements(instant(100));
      assert.deepEqual(await looks(0), [
        { ...look, at: 10 },
        { ...look, at: 20 },
      ]);
      assert.deepEqual(await looks(10), [{ ...look, at: 20 }]);
      const row = (await tx.rollouts.lock(id))!;
      await tx.rollouts.update({ ...row, dueAt: undefined });
      assert.equal(await tx.rollouts.wake(id, instant(30)), undefined);
      await tx.rollouts.forgetMeasurements(instant(100));
      assert.deepEqual(await looks(0), []);
    });
  });
});
