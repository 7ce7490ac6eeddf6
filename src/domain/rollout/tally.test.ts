import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { always } from '../../../test/make/rollout.ts';
import { instant } from '../base/time.ts';
import { analyse, measurementWords, type Counted, type MeasurementWord } from '../verdict/analysis.ts';
import { metricsOf } from './metrics.ts';
import { beginAgain, tallyOf, withTurns, type Tallied, type Turn } from './tally.ts';

/** What a tally stands for, from all turns at once. */
function countedOf(turns: readonly Turn[], metric: string, metricsFrom: number | undefined): Counted {
  const words = turns
    .filter((turn) => turn.metric === metric)
    .flatMap(({ says, dueAt }) =>
      says === undefined || (dueAt < (metricsFrom ?? 0) && says !== 'failure') ? [] : [says],
    );
  const count = (word: MeasurementWord) => words.filter((said) => said === word).length;
  const runs = words
    .map((said) => (said === 'error' ? 'e' : ' '))
    .join('')
    .split(' ')
    .map(({ length }) => length);
  return {
    success: count('success'),
    failure: count('failure'),
    inconclusive: count('inconclusive'),
    errors: { longest: Math.max(...runs), last: runs.at(-1)! },
  };
}

test('R35: what is counted turn by turn is what all turns come to, however often a person went on in between', () => {
  let compared = 0;
  always((seen) => {
    for (const { before, turns } of seen)
      for (const { name } of metricsOf(before)) {
        assert.deepEqual(tallyOf(before, name).counted, countedOf(turns, name, before.metricsFrom));
        compared += tallyOf(before, name).turn >= 0 ? 1 : 0;
      }
  });
  assert.ok(compared > 0);
});

const word = fc.constantFrom(...measurementWords);
/** Turns of one metric, a second each; at some of them a person goes on. They are counted in parts. */
const history = fc.array(
  fc.record({ says: fc.option(word, { nil: undefined }), goesOn: fc.boolean(), looked: fc.boolean() }),
  { maxLength: 60 },
);

test('it does not matter when turns are counted: in parts, all at once, or once more', () => {
  fc.assert(
    fc.property(history, (moments) => {
      let kept: Tallied = {};
      const turns: Turn[] = [];
      for (const [turn, { says, goesOn, looked }] of moments.entries()) {
        if (says !== undefined) turns.push({ metric: 'lag', turn, dueAt: instant(turn * 1_000), says });
        if (looked) kept = withTurns(kept, turns);
        if (goesOn) kept = beginAgain(kept, instant(turn * 1_000 + 1));
      }
      kept = withTurns(kept, turns);
      const atOnce = withTurns<Tallied>({ metricsFrom: kept.metricsFrom }, turns);
      assert.deepEqual(tallyOf(atOnce, 'lag'), tallyOf(kept, 'lag'));
      assert.equal(withTurns(kept, turns), kept, 'nothing is counted twice');
      assert.deepEqual(tallyOf(kept, 'lag').counted, countedOf(turns, 'lag', kept.metricsFrom));
      const said = (one: MeasurementWord) => turns.filter(({ says }) => says === one).length;
      for (const one of measurementWords) assert.equal(tallyOf(kept, 'lag').said[one], said(one));
    }),
  );
});

test('a failure that was measured first still decides after a million turns, and the millionth success counts', () => {
  const rule = {
    name: 'lag',
    limits: { failures: 0, inconclusives: 0, consecutiveErrors: 0, successes: 1_000_000 },
    dryRun: false,
  };
  let kept: Tallied = {};
  for (let turn = 0; turn < 1_000_000; turn += 1)
    kept = withTurns(kept, [{ metric: 'lag', turn, dueAt: instant(turn), says: 'success' }]);
  assert.equal(analyse(rule, tallyOf(kept, 'lag').counted, true).says, 'success');
  const failed = withTurns({}, [{ metric: 'lag', turn: 0, dueAt: instant(0), says: 'failure' }]);
  const later = withTurns(beginAgain(failed, instant(5)), [
    { metric: 'lag', turn: 1, dueAt: instant(6), says: 'success' },
  ]);
  assert.equal(analyse(rule, tallyOf(later, 'lag').counted, true).says, 'failure');
});
