import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { verdictWords } from '../release/evidence.ts';
import { combine, judgeExit, judgeReport, judgeTests } from './verdict.ts';

const verdicts = fc.array(fc.constantFrom(...verdictWords), { maxLength: 8 });
const count = fc.nat({ max: 5 });
const exits = fc.option(fc.nat({ max: 3 }), { nil: null });
const counts = fc.record({ tests: count, failures: count, errors: count, skipped: count });

test('R20: several results pass only when there are some and all of them pass', () => {
  fc.assert(
    fc.property(verdicts, (given) => {
      assert.equal(combine(given) === 'PASS', given.length > 0 && given.every((verdict) => verdict === 'PASS'));
      assert.equal(combine(given) === 'FAIL', given.includes('FAIL'));
    }),
  );
});

test('R20: the order of results does not matter, and one more result never makes it better than before', () => {
  const rank = { PASS: 0, INCONCLUSIVE: 1, FAIL: 2 };
  fc.assert(
    fc.property(verdicts, fc.constantFrom(...verdictWords), (given, more) => {
      assert.equal(combine(given), combine(given.toReversed()));
      if (given.length > 0) assert.ok(rank[combine([...given, more])] >= rank[combine(given)]);
    }),
  );
});

test('R20: no result at all is inconclusive', () => {
  assert.equal(combine([]), 'INCONCLUSIVE');
});

test('R20: without a report the exit code speaks, and what did not finish has said nothing', () => {
  assert.equal(judgeExit(0, '').verdict, 'PASS');
  assert.deepEqual(judgeExit(2, ''), { verdict: 'FAIL', summary: 'exited with 2' });
  assert.deepEqual(judgeExit(null, 'killed'), { verdict: 'INCONCLUSIVE', summary: 'did not finish: killed' });
});

test('R20: tests pass only when some were executed, none failed and not most were skipped', () => {
  fc.assert(
    fc.property(counts, (given) => {
      const executed = given.tests - given.skipped > 0 && given.skipped * 2 <= given.tests;
      const bad = given.failures + given.errors > 0;
      const { verdict } = judgeTests(given);
      assert.equal(verdict === 'PASS', executed && !bad);
      assert.equal(verdict === 'FAIL', bad);
    }),
  );
});

test('R20: zero tests, or only skipped ones, are inconclusive and say why', () => {
  for (const given of [
    { tests: 0, skipped: 0 },
    { tests: 3, skipped: 3 },
  ]) {
    const { verdict, summary } = judgeTests({ failures: 0, errors: 0, ...given });
    assert.equal(verdict, 'INCONCLUSIVE');
    assert.match(summary, /no test was executed/);
  }
});

test('R20: a report whose tests were skipped for the greater part is inconclusive', () => {
  const half = judgeTests({ tests: 4, failures: 0, errors: 0, skipped: 2 });
  const most = judgeTests({ tests: 4, failures: 0, errors: 0, skipped: 3 });
  assert.deepEqual([half.verdict, most.verdict], ['PASS', 'INCONCLUSIVE']);
  assert.match(most.summary, /more than half were skipped/);
});

const tests = { searches: false, found: false };
const said = (verdict: (typeof verdictWords)[number]) => ({ verdict, summary: 'so it was' });

test('R20: a report of success from a command that failed is not a success', () => {
  assert.deepEqual(judgeReport(said('PASS'), 1, tests), {
    verdict: 'FAIL',
    summary: 'so it was, but the command exited with 1',
  });
  assert.equal(judgeReport(said('INCONCLUSIVE'), 1, tests).verdict, 'FAIL');
});

test('R13: a tool that looks for problems and could not look has not judged the release', () => {
  assert.equal(judgeReport(said('INCONCLUSIVE'), 1, { searches: true, found: false }).verdict, 'INCONCLUSIVE');
  assert.equal(judgeReport(said('PASS'), 2, { searches: true, found: false }).verdict, 'INCONCLUSIVE');
  assert.equal(judgeReport(said('PASS'), 1, { searches: true, found: true }).verdict, 'PASS');
});

test('R20: whatever the exit code, it never makes a report better', () => {
  const rank = { PASS: 0, INCONCLUSIVE: 1, FAIL: 2 };
  fc.assert(
    fc.property(
      fc.constantFrom(...verdictWords),
      exits,
      fc.boolean(),
      fc.boolean(),
      (verdict, exit, searches, found) => {
        const judged = judgeReport(said(verdict), exit, { searches, found });
        assert.ok(rank[judged.verdict] >= rank[verdict]);
        if (exit === null) assert.notEqual(judged.verdict, 'PASS');
      },
    ),
  );
});
