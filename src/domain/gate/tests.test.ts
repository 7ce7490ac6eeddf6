import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evidenceOf, factsWith, hour, later, minute, questionWith, releaseWith } from '../../../test/make/facts.ts';
import { verdictWords, type EvidenceFact } from '../release/evidence.ts';
import { testsGate } from './tests.ts';

const asked = (
  evidence: readonly EvidenceFact[],
  changes: { commands?: readonly string[]; claimed?: 'allowed' } = {},
) =>
  testsGate.answer(
    questionWith({
      facts: factsWith({
        spec: {
          gates: [{ gate: 'tests', commands: changes.commands ?? [], claimed: changes.claimed ?? 'refused' }],
          after: { mode: 'all', environments: ['testing'] },
        },
      }),
      release: releaseWith(2, { evidence }),
    }),
  );
const result = (changes: Partial<EvidenceFact> = {}) =>
  evidenceOf('tests', { name: 'unit', environment: 'testing', ...changes });

test('R20: no result at all is no pass', () => {
  const answer = asked([]);
  assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'upstream');
  assert.match(answer.because, /no test result of release #2 in testing/);
  assert.match(answer.unblock, /liftlock reverify testing/);
});

test('R20: only PASS opens, and what did not pass is named with its own words', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...verdictWords), { minLength: 1, maxLength: 5 }), (verdicts) => {
      const answer = asked(
        verdicts.map((verdict, index) => result({ name: `t${index}`, verdict, summary: `said ${index}` })),
      );
      assert.equal(
        answer?.answer === 'open',
        verdicts.every((verdict) => verdict === 'PASS'),
      );
      for (const [index, verdict] of verdicts.entries())
        if (verdict !== 'PASS')
          assert.ok(answer!.because.includes(`t${index} in testing is ${verdict}: said ${index}`));
    }),
  );
});

test('R3: a later result takes the place of an earlier one, in both directions', () => {
  const early = result({ at: later(-hour), verdict: 'PASS' });
  const late = result({ at: later(-minute), verdict: 'FAIL' });
  assert.equal(asked([early, late])?.answer, 'waiting');
  assert.equal(
    asked([
      { ...early, verdict: 'FAIL' },
      { ...late, verdict: 'PASS' },
    ])?.answer,
    'open',
  );
});

test('results of other environments and of other kinds are no tests of this way', () => {
  assert.equal(asked([result({ environment: 'development' })])?.answer, 'waiting');
  assert.equal(asked([evidenceOf('load', { environment: 'testing' })])?.answer, 'waiting');
  assert.equal(asked([result({ environment: undefined })])?.answer, 'open');
  assert.equal(asked([evidenceOf('command', { name: 'smoke', environment: 'testing' })])?.answer, 'open');
});

test('what must be there and is not is named', () => {
  const answer = asked([result()], { commands: ['unit', 'browser'] });
  assert.equal(answer?.answer, 'waiting');
  assert.match(answer!.because, /no result of browser/);
  assert.doesNotMatch(answer!.because, /no result of unit/);
});

test('claimed results count only when the pipeline says so, and expired ones never', () => {
  const claimed = result({ standing: 'claimed', by: 'ann' });
  assert.match(asked([claimed])!.because, /uploaded by ann and is only claimed/);
  assert.equal(asked([claimed], { claimed: 'allowed' })?.answer, 'open');
  assert.match(asked([result({ expiresAt: later(-minute) })])!.because, /unit has expired/);
  assert.equal(asked([result({ expiresAt: later(minute) })])?.answer, 'open');
});

test('an upload that claims to fail does not shut what was attested', () => {
  assert.equal(asked([result(), result({ standing: 'claimed', verdict: 'FAIL', at: later(0) })])?.answer, 'open');
});
