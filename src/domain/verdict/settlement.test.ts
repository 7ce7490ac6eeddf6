import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { idOf, noon, promotionWith, runningProgress } from '../../../test/make/facts.ts';
import { verdictWords } from '../release/evidence.ts';
import { settle, type RunResult, type SettlementContext } from './settlement.ts';

const summary = fc.constantFrom('this happened', 'that happened');
const results: fc.Arbitrary<RunResult> = fc.oneof(
  fc.record({ happened: fc.constant('verified' as const), verdict: fc.constantFrom(...verdictWords), summary }),
  fc.record({ happened: fc.constant('not-ready' as const), summary, replaced: fc.boolean() }),
  fc.record({ happened: fc.constant('returned' as const), summary, restored: fc.boolean() }),
  fc.record({ happened: fc.constant('refused-by-release' as const), summary }),
  fc.record({ happened: fc.constant('could-not-tell' as const), summary, switched: fc.boolean() }),
  fc.record({ happened: fc.constant('not-started' as const), summary, restored: fc.boolean() }),
  fc.record({ happened: fc.constant('no-longer-available' as const), summary }),
  fc.record({ happened: fc.constant('stopped' as const), summary, restored: fc.boolean() }),
);
const contexts: fc.Arbitrary<SettlementContext> = fc.record({
  promotion: fc
    .constantFrom('promotion' as const, 'rollback' as const)
    .map((kind) => promotionWith(2, { kind, progress: runningProgress() })),
  rollbackPolicy: fc.constantFrom('automatic' as const, 'manual' as const),
  rollbackTarget: fc.constantFrom(undefined, idOf('rel', 1)),
  everGood: fc.boolean(),
});

function holdsForAll(
  check: (settlement: ReturnType<typeof settle>, result: RunResult, context: SettlementContext) => void,
): void {
  fc.assert(
    fc.property(results, contexts, (result, context) => check(settle(result, context), result, context)),
    { numRuns: 500 },
  );
}

const isNegative = (result: RunResult) =>
  (result.happened === 'not-ready' && result.replaced) || (result.happened === 'verified' && result.verdict === 'FAIL');
const forward: SettlementContext = {
  promotion: promotionWith(2, { progress: runningProgress() }),
  rollbackPolicy: 'automatic',
  rollbackTarget: idOf('rel', 1),
  everGood: true,
};

test('R13: only a negative verdict rolls back by itself, and only where that is wanted and there is somewhere to go', () => {
  holdsForAll(({ rollBack }, result, { rollbackPolicy, rollbackTarget, promotion }) => {
    const expected =
      isNegative(result) &&
      rollbackPolicy === 'automatic' &&
      rollbackTarget !== undefined &&
      promotion.kind === 'promotion';
    assert.equal(rollBack, expected);
  });
});

test('R37: never a rollback of a rollback; one that does not succeed calls a person', () => {
  holdsForAll(({ rollBack, page, outcome }, result, { promotion }) => {
    if (promotion.kind !== 'rollback') return;
    assert.equal(rollBack, false);
    if (!['succeeded', 'aborted', 'refused'].includes(outcome)) assert.ok(page?.includes(result.summary));
  });
});

test('R13: where nothing was ever verified there is no way back: a person is called', () => {
  const { rollBack, page, hold } = settle(
    { happened: 'verified', verdict: 'FAIL', summary: '1 failed' },
    { ...forward, rollbackTarget: undefined },
  );
  assert.deepEqual([rollBack, hold], [false, true]);
  assert.match(page!, /no release verified here to go back to: 1 failed/);
});

test('R13: where nothing good ever ran a failure is told, but the next release need not wait for a person', () => {
  const context = { ...forward, rollbackTarget: undefined, everGood: false };
  const { page, hold } = settle({ happened: 'not-ready', summary: 'it exited with 1', replaced: true }, context);
  assert.equal(hold, false);
  assert.match(page!, /nothing good has run here yet.*: it exited with 1/);
});

test('R34: a release that nobody was led to fails and leaves everything as it is: no way back is needed', () => {
  const { outcome, verdict, occupies, rollBack, page } = settle(
    { happened: 'not-ready', summary: 'it exited with 1', replaced: false },
    forward,
  );
  assert.deepEqual([outcome, verdict, occupies, rollBack, page], ['failed', 'FAIL', false, false, undefined]);
});

test('R12: what was never started is errored, occupies nothing, and calls a person only when what ran before is lost', () => {
  const back = settle({ happened: 'not-started', summary: 'port 1 is taken', restored: true }, forward);
  assert.deepEqual([back.outcome, back.occupies, back.verdict, back.page], ['errored', false, undefined, undefined]);
  const lost = settle({ happened: 'not-started', summary: 'port 1 is taken', restored: false }, forward);
  assert.deepEqual([lost.outcome, lost.occupies, lost.hold], ['errored', false, true]);
  assert.match(lost.page!, /does not serve again/);
});

test('R20: errored and inconclusive neither pass nor fail nor roll back', () => {
  holdsForAll(({ outcome, verdict, rollBack }) => {
    if (outcome !== 'errored' && outcome !== 'inconclusive') return;
    assert.equal(rollBack, false);
    assert.ok(verdict === undefined || verdict === 'INCONCLUSIVE');
  });
});

test('R20: a release counts as verified only when its verification said PASS', () => {
  holdsForAll(({ verdict, outcome }, result) => {
    const passed = result.happened === 'verified' && result.verdict === 'PASS';
    assert.equal(verdict === 'PASS', passed);
    assert.equal(outcome === 'succeeded', passed);
  });
});

test('R12: each thing that happens has an outcome of its own', () => {
  const outcomeOf = (result: RunResult) => settle(result, forward).outcome;
  assert.equal(outcomeOf({ happened: 'verified', verdict: 'PASS', summary: '' }), 'succeeded');
  assert.equal(outcomeOf({ happened: 'verified', verdict: 'FAIL', summary: '' }), 'failed');
  assert.equal(outcomeOf({ happened: 'verified', verdict: 'INCONCLUSIVE', summary: '' }), 'inconclusive');
  assert.equal(outcomeOf({ happened: 'not-ready', summary: '', replaced: true }), 'failed');
  assert.equal(outcomeOf({ happened: 'refused-by-release', summary: '' }), 'failed');
  assert.equal(outcomeOf({ happened: 'could-not-tell', summary: '', switched: false }), 'errored');
  assert.equal(outcomeOf({ happened: 'no-longer-available', summary: '' }), 'refused');
  assert.equal(outcomeOf({ happened: 'stopped', summary: '', restored: true }), 'aborted');
});

test('R12: what runs from now on is the new release exactly when it took the place of the old one', () => {
  holdsForAll(({ occupies }, result) => {
    const tookPlace =
      result.happened === 'verified' ||
      (result.happened === 'not-ready' && result.replaced) ||
      (result.happened === 'could-not-tell' && result.switched);
    assert.equal(occupies, tookPlace);
  });
});

test('R5: a gate that closed between start and deployment refuses it, without verdict or consequence', () => {
  holdsForAll((settlement, result) => {
    if (result.happened !== 'no-longer-available') return;
    assert.deepEqual(settlement, {
      outcome: 'refused',
      summary: result.summary,
      verdict: undefined,
      occupies: false,
      rollBack: false,
      page: undefined,
      hold: true,
    });
  });
});

test('R14: an aborted run says who stopped it and what runs now, and calls a person when that is not what ran before', () => {
  const stop = { by: 'ann', cause: 'abort', reason: 'aborted by ann: wrong release', at: noon } as const;
  const context = { ...forward, promotion: { ...forward.promotion, stop } };
  const well = settle({ happened: 'stopped', summary: 'release #1 serves again', restored: true }, context);
  assert.deepEqual(
    [well.outcome, well.summary, well.page],
    ['aborted', 'aborted by ann: wrong release; release #1 serves again', undefined],
  );
  const badly = settle(
    { happened: 'stopped', summary: 'release #1 was started again but is not ready', restored: false },
    context,
  );
  assert.equal(badly.outcome, 'aborted');
  assert.match(badly.page!, /does not serve again/);
});

test('R36: a rollback whose verification passes has succeeded like any other', () => {
  const rollback = {
    ...forward,
    promotion: promotionWith(1, { kind: 'rollback' as const, progress: runningProgress() }),
  };
  assert.equal(settle({ happened: 'verified', verdict: 'PASS', summary: 'ok' }, rollback).outcome, 'succeeded');
});

test('R13: a release that was returned has failed, occupies nothing, and calls a person only when the stable one is down', () => {
  for (const restored of [true, false]) {
    const settlement = settle({ happened: 'returned', summary: 'errors', restored }, forward);
    assert.deepEqual([settlement.outcome, settlement.verdict, settlement.occupies], ['failed', 'FAIL', false]);
    assert.equal(settlement.rollBack, false);
    assert.equal(settlement.page === undefined, restored);
  }
});

test('R33: what a newer release stopped ends superseded, not aborted', () => {
  const stop = { by: 'system:engine', cause: 'newer', newer: idOf('prm', 3), reason: 'newer', at: noon } as const;
  const context = { ...forward, promotion: promotionWith(2, { progress: runningProgress(), stop }) };
  assert.equal(settle({ happened: 'stopped', summary: 'back', restored: true }, context).outcome, 'superseded');
});
