import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { verdictWords } from '../release/evidence.ts';
import { combine, judgeExit, judgeTests } from './verdict.ts';

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

test('R20: tests pass only when some were executed, none failed and the command says so too', () => {
  fc.assert(
    fc.property(counts, exits, (given, exit) => {
      const executed = given.tests - given.skipped > 0;
      const bad = given.failures + given.errors > 0;
      const { verdict } = judgeTests(given, exit);
      assert.equal(verdict === 'PASS', executed && !bad && exit === 0);
      assert.equal(verdict === 'FAIL', bad || (exit !== null && exit !== 0));
    }),
  );
});

test('R20: zero tests, or only skipped ones, are inconclusive and say why', () => {
  for (const given of [
    { tests: 0, skipped: 0 },
    { tests: 3, skipped: 3 },
  ]) {
    const { verdict, summary } = judgeTests({ failures: 0, errors: 0, ...given }, 0);
    assert.equal(verdict, 'INCONCLUSIVE');
    assert.match(summary, /no test was executed/);
  }
});

test('R20: a report of success from a command that failed is not a success', () => {
  const { verdict, summary } = judgeTests({ tests: 4, failures: 0, errors: 0, skipped: 0 }, 1);
  assert.deepEqual(
    [verdict, summary],
    ['FAIL', '4 tests, 0 failed, 0 errors, 0 skipped, but the command exited with 1'],
  );
});
