import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  evidenceOf,
  factsWith,
  idOf,
  later,
  minute,
  noon,
  provenWith,
  questionWith,
  releaseWith,
  runsNow,
  sha256,
  thePlan,
} from '../../../test/make/facts.ts';
import { noProofs, type NotesFact } from '../promotion/proof.ts';
import type { EvidenceFact } from '../release/evidence.ts';
import { notesGate, planGate } from './papers.ts';
import { qaGate } from './sign-off.ts';

const notes = (changes: Partial<NotesFact> = {}): NotesFact => ({
  digest: sha256('notes'),
  source: 'generated',
  base: idOf('rel', 1),
  by: 'system:engine',
  acceptedBy: 'rex',
  ...changes,
});
const none = { commits: [], complete: true };
const notesAsked = (found: NotesFact | undefined) =>
  notesGate.answer(
    questionWith({
      facts: factsWith({ spec: { gates: [{ gate: 'notes' }] }, running: runsNow(1) }),
      release: provenWith(2, { notes: found, commits: none }),
    }),
  );

test('notes that a person accepted open; absent, unaccepted and outdated ones wait for a person', () => {
  assert.equal(notesAsked(notes())?.answer, 'open');
  for (const found of [undefined, notes({ acceptedBy: undefined }), notes({ base: idOf('rel', 9) })]) {
    const answer = notesAsked(found);
    assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'person');
    assert.match(answer.unblock, /liftlock notes accept 2 production/);
  }
  assert.equal(notesAsked(notes({ source: 'written', base: undefined, by: 'rex' }))?.answer, 'open');
});

test('R21: a plan accepted before does not count when it is another plan now', () => {
  const asked = (hash: typeof thePlan) =>
    planGate.answer(
      questionWith({
        gates: [{ gate: 'plan' }],
        release: provenWith(2, { commits: none, plans: [{ planHash: hash, by: 'rex', at: noon }] }),
      }),
    );
  assert.equal(asked(thePlan)?.answer, 'open');
  const stale = asked(sha256('another plan'));
  assert.ok(stale?.answer === 'waiting');
  assert.match(stale.because, /what rex accepted was another plan/);
});

test('R16: before there are notes or an accepted plan, the commits are looked up', () => {
  for (const gate of [notesGate, planGate]) {
    const gates = [{ gate: 'notes' }, { gate: 'plan' }] as const;
    const answer = gate.answer(questionWith({ gates, release: provenWith(2, {}) }));
    assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'lookup');
    assert.deepEqual(
      answer.lookups?.map(({ kind }) => kind),
      ['commits'],
    );
  }
});

const signed = (by: string, changes: Partial<EvidenceFact> = {}) =>
  evidenceOf('sign-off', { name: by, by, environment: 'qa', ...changes });
const qaAsked = (evidence: readonly EvidenceFact[], count = 1) =>
  qaGate.answer(
    questionWith({
      gates: [{ gate: 'qa', count }],
      release: releaseWith(2, {
        evidence,
        proofs: {
          ...noProofs,
          commits: {
            complete: true,
            commits: [{ id: 'c'.repeat(40), subject: 'x', authors: ['ann', 'ann@example.org'], cleanMerge: false }],
          },
        },
      }),
    }),
  );

test('R22: distinct people sign off, and no author of what is new here', () => {
  assert.equal(qaAsked([signed('quinn')])?.answer, 'open');
  const own = qaAsked([signed('ann')]);
  assert.equal(own?.answer, 'waiting');
  assert.match(own!.because, /ann wrote some of it/);
  assert.match(qaAsked([signed('quinn')], 2)!.because, /1 of 2 sign-offs/);
  assert.equal(qaAsked([signed('quinn'), signed('quinn', { environment: 'staging' })], 2)?.answer, 'waiting');
});

test('a refusal by qa keeps it shut until the same person says otherwise', () => {
  const refused = signed('quinn', { verdict: 'FAIL', summary: 'the basket is empty', at: later(-2 * minute) });
  assert.match(qaAsked([refused, signed('robin')])!.because, /quinn did not sign it off in qa: the basket is empty/);
  assert.equal(qaAsked([refused, signed('quinn', { at: later(-minute) })])?.answer, 'open');
});

test('a sign-off that was only uploaded is none', () => {
  assert.equal(qaAsked([signed('quinn', { standing: 'claimed' })])?.answer, 'waiting');
});
