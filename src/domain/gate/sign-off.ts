/** QA approval: people with the role qa say that they tried this artifact and it may go on. */
import type { EvidenceFact } from '../release/evidence.ts';
import { open, waiting, type Gate } from './gate.ts';
import { alsoByAuthors, rangeUnknown } from './review.ts';
import { latestOfEach, placeOf } from './usable-evidence.ts';

/**
 * A sign-off is evidence that only Liftlock itself records, for somebody who had the role then. One by an author of what is
 * new here does not count (R22), so the commits are looked up as soon as there is one.
 */
export const qaGate: Gate = {
  name: 'qa',
  asks: 'people',
  answer(question) {
    const {
      facts: { spec, now, trust },
      release,
      kind,
    } = question;
    const required = spec.gates.find((gate) => gate.gate === 'qa');
    if (required === undefined || kind === 'rollback') return undefined;
    const signed = latestOfEach(
      release.evidence.filter(
        (piece) =>
          piece.kind === 'sign-off' &&
          piece.standing === 'attested' &&
          (piece.expiresAt === undefined || now < piece.expiresAt),
      ),
    );
    const refused = signed.filter(({ verdict }) => verdict !== 'PASS');
    const unblock = `liftlock sign-off ${release.number} ${placeToTry(spec.after.environments, spec.name)} --reason <what was tried>, by somebody with the role qa`;
    if (refused.length > 0) return waiting('person', refused.map(refusal).join('; '), unblock);
    const range = release.proofs.commits;
    if (range === undefined && signed.length > 0) return rangeUnknown(question);
    const authorsCount = trust.separation === 'none';
    const authors = new Set(authorsCount ? [] : (range?.commits.flatMap((commit) => commit.authors) ?? []));
    const counting = signed.filter(({ by }) => by !== undefined && !authors.has(by));
    const people = new Set(counting.map(({ by }) => by));
    if (people.size >= required.count)
      return open(
        counting.map((piece) => `signed off by ${piece.by}${placeOf(piece)}: ${piece.summary}`).join('; ') +
          (authorsCount ? alsoByAuthors : ''),
      );
    const own = signed.filter((piece) => !counting.includes(piece)).map(({ by }) => by);
    const uncounted = own.length === 0 ? '' : ` (${own.join(' and ')} wrote some of it and does not count)`;
    return waiting('person', `${people.size} of ${required.count} sign-offs by qa${uncounted}`, unblock);
  },
};

function refusal(piece: EvidenceFact): string {
  return `${piece.by} did not sign it off${placeOf(piece)}: ${piece.summary}`;
}

function placeToTry(before: readonly string[], own: string): string {
  return before[0] ?? own;
}
