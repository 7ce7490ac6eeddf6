import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { factsWith, later, minute, provenWith, questionWith } from '../../../test/make/facts.ts';
import { trustDefaults } from '../pipeline/defaults.ts';
import type { CommitFact, CommitRange, Proofs, Review } from '../promotion/proof.ts';
import { rangeLookup, reviewGate } from './review.ts';

const commit = (number: number, author = 'ann', changes: Partial<CommitFact> = {}): CommitFact => ({
  id: `${number}`.padStart(40, 'c'),
  subject: `change ${number}`,
  authors: [author, `${author}@example.org`],
  cleanMerge: false,
  ...changes,
});
const review = (of: CommitFact, by: string, changes: Partial<Review> = {}): Review => ({
  commit: of.id,
  by,
  decision: 'approve',
  from: 'liftlock',
  at: later(-minute),
  ...changes,
});
const range = (commits: readonly CommitFact[], complete = true): CommitRange => ({ commits, complete });
const asked = (proofs: Partial<Proofs>, gate: { count?: number; from?: 'any' | 'forge' | 'liftlock' } = {}) =>
  reviewGate.answer(
    questionWith({
      gates: [{ gate: 'review', count: gate.count ?? 1, from: gate.from ?? 'liftlock' }],
      release: provenWith(2, proofs),
    }),
  );

test('R16: commits that were not looked up yet are looked up, and nobody is asked for a review of them', () => {
  const answer = asked({});
  assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'lookup');
  assert.deepEqual(answer.lookups, [rangeLookup(undefined, '2'.padStart(40, '0'))]);
});

test('R22: each commit must be approved by enough people who did not write it, by their last word', () => {
  const people = fc.constantFrom('ann', 'bob', 'cid');
  const given = fc.array(
    fc.tuple(fc.nat({ max: 2 }), people, fc.constantFrom('approve' as const, 'request-changes' as const)),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(given, fc.integer({ min: 1, max: 2 }), (words, count) => {
      const commits = [commit(0, 'ann'), commit(1, 'bob'), commit(2, 'ann')];
      const reviews = words.map(([place, by, decision], index) =>
        review(commits[place]!, by, { decision, at: later(index) }),
      );
      const good = commits.every((one, place) => {
        const last = new Map(words.filter(([of]) => of === place).map(([, by, decision]) => [by, decision]));
        const approvals = [...last].filter(([by, decision]) => decision === 'approve' && !one.authors.includes(by));
        return ![...last.values()].includes('request-changes') && approvals.length >= count;
      });
      assert.equal(asked({ commits: range(commits), reviews }, { count })?.answer, good ? 'open' : 'waiting');
    }),
  );
});

test('a commit that travels in the shadow of a reviewed one is named', () => {
  const [seen, hidden] = [commit(1), commit(2)];
  const answer = asked({ commits: range([seen, hidden]), reviews: [review(seen, 'bob')] });
  assert.equal(answer?.answer, 'waiting');
  assert.match(answer!.because, /0 of 1 reviews of ccccccccc+ change 2/);
  assert.doesNotMatch(answer!.because, /change 1/);
});

test('the author’s own approval is told as one that does not count', () => {
  const answer = asked({ commits: range([commit(1)]), reviews: [review(commit(1), 'ann')] });
  assert.match(answer!.because, /its author does not count/);
});

test('a merge that brings nothing of its own needs no review; one that changes something does', () => {
  const inner = commit(1);
  const reviews = [review(inner, 'bob')];
  assert.equal(asked({ commits: range([commit(2, 'mia', { cleanMerge: true }), inner]), reviews })?.answer, 'open');
  assert.equal(asked({ commits: range([commit(2, 'mia'), inner]), reviews })?.answer, 'waiting');
});

test('only reviews from where the gate says count', () => {
  const proofs = { commits: range([commit(1)]), reviews: [review(commit(1), 'forge:bob', { from: 'forge' })] };
  assert.equal(asked(proofs, { from: 'liftlock' })?.answer, 'waiting');
  assert.equal(asked(proofs, { from: 'forge' })?.answer, 'open');
  assert.equal(asked(proofs, { from: 'any' })?.answer, 'open');
});

test('R16: where the forge may know, it is asked, and what it could not answer is told as such', () => {
  const commits = range([commit(1)]);
  const first = asked({ commits }, { from: 'any' });
  assert.ok(first?.answer === 'waiting');
  assert.equal(first.lookups?.[0]?.kind, 'forge');
  const check = {
    ...first.lookups![0]!,
    state: 'failed',
    answer: undefined,
    because: 'HTTP 502',
    askAgainAt: later(minute),
  } as const;
  const failed = asked({ commits, checks: [check] }, { from: 'any' });
  assert.ok(failed?.answer === 'waiting' && failed.askAgainAt === later(minute));
  assert.match(failed.because, /the forge: HTTP 502/);
});

test('R20: more commits than were looked at are not reviewed', () => {
  const answer = asked({ commits: range([commit(1)], false), reviews: [review(commit(1), 'bob')] });
  assert.equal(answer?.answer, 'waiting');
});

test('R22: where authors may approve, their reviews count, and the answer says so', () => {
  const facts = factsWith({
    spec: { gates: [{ gate: 'review', count: 1, from: 'liftlock' }] },
    trust: { ...trustDefaults, separation: 'none' },
  });
  const proofs = { commits: range([commit(1)]), reviews: [review(commit(1), 'ann')] };
  const answer = reviewGate.answer(questionWith({ facts, release: provenWith(2, proofs) }));
  assert.equal(answer?.answer, 'open');
  assert.match(answer!.because, /authors count here \(trust.separation: none\)/);
});
