/** Every commit between what runs here and the release was approved by somebody who did not write it. */
import type { CommitFact, Review } from '../promotion/proof.ts';
import { lookAgain, open, waiting, type Answer, type Gate, type Question } from './gate.ts';
import { checkOf } from './lookups.ts';

/**
 * The rule, commit by commit, so that no commit travels in another's shadow:
 * - a commit counts as reviewed when enough people approved it who are neither its author nor a co-author, each by his
 *   latest word on it; whoever asked for changes and has not approved since keeps it shut;
 * - a merge that brings nothing but what its parents hold needs no review of its own: the commits it brings do.
 */
export const reviewGate: Gate = {
  name: 'review',
  asks: 'people',
  answer(question) {
    const { facts, release, kind } = question;
    const required = facts.spec.gates.find((gate) => gate.gate === 'review');
    if (required === undefined || kind === 'rollback') return undefined;
    const range = release.proofs.commits;
    if (range === undefined) return rangeUnknown(question);
    if (!range.complete)
      return waiting(
        'person',
        `release #${release.number} is more than ${range.commits.length} commits away from what runs; who wrote them cannot be told`,
        'promote a release in between, or change the gate',
      );
    const reviews = release.proofs.reviews.filter(({ from }) => required.from === 'any' || required.from === from);
    const authorsCount = facts.trust.separation === 'none';
    const uncovered = range.commits
      .filter(({ cleanMerge }) => !cleanMerge)
      .flatMap((commit) => missing(commit, { reviews, count: required.count, authorsCount }));
    if (uncovered.length === 0) return open(`${covered(range.commits, reviews)}${authorsCount ? alsoByAuthors : ''}`);
    const shown = uncovered.slice(0, 5).join('; ');
    const more = uncovered.length > 5 ? `; and ${uncovered.length - 5} more` : '';
    return forgeLookup(
      question,
      waiting(
        'person',
        `${shown}${more}`,
        `liftlock review ${release.number} --approve, by somebody who wrote none of it`,
      ),
    );
  },
};

/** Until the commits are known, nobody can be told from their authors. Nothing is looked up for a mere wish. */
export function rangeUnknown({ facts, release, promotion }: Question): Answer {
  if (promotion === undefined)
    return waiting(
      'lookup',
      'the commits of the release are looked up when a promotion waits',
      `liftlock promote ${release.number} ${facts.spec.name}`,
    );
  const check = checkOf(release, rangeLookup(facts.running?.commit, release.commit));
  const because = check === undefined ? 'the commits of the release are being looked up' : check.because;
  const looking = waiting('lookup', because, 'wait for the repository to be read');
  return lookAgain(check?.askAgainAt, { ...looking, lookups: [rangeLookup(facts.running?.commit, release.commit)] });
}

/** The commits after what runs up to the release; before the first deployment the release's own, with what it merged. */
export function rangeLookup(from: string | undefined, to: string) {
  return { kind: 'commits', name: 'commits', subject: `${from ?? ''}..${to}` } as const;
}

function forgeLookup({ facts, release }: Question, answer: ReturnType<typeof waiting>) {
  const required = facts.spec.gates.find((gate) => gate.gate === 'review');
  if (required === undefined || required.from === 'liftlock') return answer;
  const lookup = {
    kind: 'forge',
    name: 'forge',
    subject: `${facts.running?.commit ?? ''}..${release.commit}`,
  } as const;
  const check = checkOf(release, lookup);
  const said =
    check === undefined || check.because === '' ? answer.because : `${answer.because}; the forge: ${check.because}`;
  return lookAgain(check?.askAgainAt, { ...answer, because: said, lookups: [lookup] });
}

/** R22: said wherever the separation is switched off. */
export const alsoByAuthors = '; authors count here (trust.separation: none)';

function missing(
  commit: CommitFact,
  { reviews, count, authorsCount }: { reviews: readonly Review[]; count: number; authorsCount: boolean },
): readonly string[] {
  const name = `${commit.id.slice(0, 10)} ${commit.subject}`;
  const words = lastWords(commit, reviews);
  const against = words.filter(({ decision }) => decision === 'request-changes');
  if (against.length > 0) return [`${against.map(({ by }) => by).join(' and ')} asked for changes in ${name}`];
  const approvals = words.filter((review) => authorsCount || !isAuthor(review, commit));
  if (approvals.length >= count) return [];
  const own = words.length > approvals.length ? ' (its author does not count)' : '';
  return [`${approvals.length} of ${count} reviews of ${name}${own}`];
}

/** What each person said last about the commit. */
function lastWords(commit: CommitFact, reviews: readonly Review[]): readonly Review[] {
  const words = new Map<string, Review>();
  for (const review of reviews) {
    const known = words.get(review.by);
    if (review.commit === commit.id && (known === undefined || known.at <= review.at)) words.set(review.by, review);
  }
  return [...words.values()];
}

function isAuthor({ by }: Review, { authors }: CommitFact): boolean {
  return authors.includes(by);
}

function covered(commits: readonly CommitFact[], reviews: readonly Review[]): string {
  if (commits.length === 0) return 'no commit is new here';
  const people = new Set(reviews.filter(({ decision }) => decision === 'approve').map(({ by }) => by));
  const count = commits.length === 1 ? 'its commit' : `all ${commits.length} commits`;
  return people.size === 0
    ? `${count}: merges that bring nothing new here`
    : `${count} reviewed by ${[...people].join(', ')}`;
}
