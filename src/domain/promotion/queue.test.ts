import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyFacts, factsWith, idOf, promotionWith, runningProgress } from '../../../test/make/facts.ts';
import type { Promotion } from './promotion.ts';
import { aheadOf, takeTurns, type Judgement } from './queue.ts';

const summaries = fc.constantFrom('open' as const, 'waiting' as const, 'closed' as const);
/** Facts and what the gates say about each promotion, by its id. */
const situations = fc.tuple(anyFacts, fc.array(summaries, { minLength: 10, maxLength: 10 }));

function judging(said: readonly Judgement['summary'][]): (promotion: Promotion) => Judgement {
  return ({ id }) => ({ summary: said[Number(id.slice(-1))]! });
}

const always = (summary: Judgement['summary']) => () => ({ summary });
const back = (number: number) => promotionWith(number, { kind: 'rollback', origin: { by: 'person', actor: 'ann' } });

test('R7: at most one promotion starts, and none while one runs', () => {
  fc.assert(
    fc.property(situations, ([facts, said]) => {
      const { start } = takeTurns(facts, judging(said));
      const busy = facts.open.some(({ progress }) => progress.state === 'running');
      assert.ok(!busy || start === undefined);
      assert.equal(start?.judgement.summary ?? 'open', 'open');
    }),
  );
});

test('R8: every waiting promotion gets exactly one answer: superseded, refused, started or waiting', () => {
  fc.assert(
    fc.property(situations, ([facts, said]) => {
      const { superseded, refused, start, waiting } = takeTurns(facts, judging(said));
      const answered = [...superseded, ...refused, ...(start === undefined ? [] : [start]), ...waiting].map(
        ({ promotion }) => promotion.id,
      );
      const asked = facts.open.filter(({ progress }) => progress.state === 'waiting').map(({ id }) => id);
      assert.deepEqual(answered.toSorted(), asked.toSorted());
    }),
  );
});

test('R8: latest leaves at most one forward promotion waiting or starting', () => {
  fc.assert(
    fc.property(situations, ([facts, said]) => {
      fc.pre(facts.spec.queue === 'latest');
      const { start, waiting } = takeTurns(facts, judging(said));
      const left = [...waiting, ...(start === undefined ? [] : [start])].filter(
        ({ promotion }) => promotion.kind === 'promotion',
      );
      assert.ok(left.length <= 1);
    }),
  );
});

test('R8: only latest supersedes, only forward promotions, and always by a later one that may enter', () => {
  fc.assert(
    fc.property(situations, ([facts, said]) => {
      const judge = judging(said);
      const { superseded } = takeTurns(facts, judge);
      assert.ok(facts.spec.queue === 'latest' || superseded.length === 0);
      for (const { promotion, by } of superseded) {
        assert.deepEqual([promotion.kind, by.kind], ['promotion', 'promotion']);
        assert.ok(facts.open.indexOf(promotion) < facts.open.indexOf(by));
        assert.notEqual(judge(by).summary, 'closed');
      }
    }),
  );
});

test('R8: a newer promotion that may not enter does not take the place of one that may', () => {
  const facts = factsWith({ open: [promotionWith(1), promotionWith(2)] });
  const turns = takeTurns(facts, ({ id }) => ({ summary: id === idOf('prm', 2) ? 'closed' : 'open' }));
  assert.deepEqual(turns.superseded, []);
  assert.equal(turns.start?.promotion.id, idOf('prm', 1));
});

test('R8: in order, the first in line goes first even when only a later one could go', () => {
  for (const queue of ['queue', 'manual'] as const) {
    const facts = factsWith({ spec: { queue }, open: [promotionWith(1), promotionWith(2)] });
    assert.equal(takeTurns(facts, always('open')).start?.promotion.id, idOf('prm', 1));
    const turns = takeTurns(facts, ({ id }) => ({ summary: id === idOf('prm', 1) ? 'waiting' : 'open' }));
    assert.equal(turns.start, undefined);
  }
});

test('R8: a rollback that waits does not let anybody pass the first in line', () => {
  const facts = factsWith({ spec: { queue: 'queue' }, open: [promotionWith(1), promotionWith(2), back(3)] });
  const turns = takeTurns(facts, ({ id }) => ({ summary: id === idOf('prm', 2) ? 'open' : 'waiting' }));
  assert.equal(turns.start, undefined);
});

test('R36: a rollback that may go goes before everything else', () => {
  fc.assert(
    fc.property(situations, ([facts, said]) => {
      const judge = judging(said);
      const { start } = takeTurns(facts, judge);
      fc.pre(start !== undefined);
      const ready = facts.open.some(
        (promotion) =>
          promotion.kind === 'rollback' &&
          promotion.progress.state === 'waiting' &&
          judge(promotion).summary === 'open',
      );
      assert.ok(!ready || start!.promotion.kind === 'rollback');
    }),
  );
});

test('R8: who stands ahead is named in a queue, and nobody stands ahead of the latest or of a rollback', () => {
  const open = [promotionWith(1, { progress: runningProgress() }), promotionWith(2), promotionWith(3)];
  const queue = factsWith({ spec: { queue: 'queue' }, open });
  assert.equal(aheadOf(queue, 'promotion', idOf('prm', 3))?.id, idOf('prm', 2));
  assert.equal(aheadOf(queue, 'promotion', undefined)?.id, idOf('prm', 2));
  assert.equal(aheadOf(queue, 'promotion', idOf('prm', 2)), undefined);
  assert.equal(aheadOf(queue, 'rollback', idOf('prm', 4)), undefined);
  assert.equal(aheadOf(factsWith({ open }), 'promotion', idOf('prm', 3)), undefined);
});
