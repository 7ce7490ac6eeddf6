/** From staging on, only what a maintainer vouched for. The pipeline cannot leave this gate out, only write `signatures: none`. */
import { hintsOf, trusted, whyRefused } from '../promotion/trusted.ts';
import type { JudgedRef } from '../promotion/facts.ts';
import { closed, open, type Answer, type Gate } from './gate.ts';

export const trustGate: Gate = {
  name: 'trust',
  asks: 'facts',
  answer({ facts, release, kind, origin }) {
    const found = trusted(facts, release);
    if (found.standing === 'not-asked') return undefined;
    if (found.standing === 'switched-off') return open('no signatures are asked for (trust.signatures: none)');
    if (kind === 'rollback') return open('a rollback goes to a release that was verified here');
    const tag = origin.by === 'trigger' && origin.trigger === 'tag' ? tagOf(release.judged, origin.key) : undefined;
    if (tag?.accepted === false) return refused(`${tag.ref.slice('refs/tags/'.length)} starts nothing any more`, tag);
    if (found.standing === 'accepted') return open(accepted(found.by));
    const what = `release #${release.number}`;
    if (found.closest !== undefined) return refused(`the commit of ${what} starts nothing`, found.closest);
    return closed(
      `the commit of ${what} was never an accepted commit of main`,
      'merge it to main, signed by a maintainer',
    );
  },
};

/** The two are never told as one another. */
function accepted({ signer, basis, vouchedBy }: JudgedRef): string {
  if (basis === 'hosted-acceptance')
    return `merged and signed by the platform ${signer ?? ''}, accepted here by ${vouchedBy.join(' and ')}; no person signed it`;
  return `on main, signed by ${signer ?? 'a maintainer'}, maintainer`;
}

function refused(what: string, judged: JudgedRef): Answer {
  const unblock = hintsOf(judged).join('; ');
  return closed(`${what}: ${whyRefused(judged)}`, unblock === '' ? 'sign it again' : unblock);
}

/** Keys of tags read `tag:v1.2.0:<commit>`. */
function tagOf(judged: readonly JudgedRef[], key: string): JudgedRef | undefined {
  const name = key.split(':').slice(1, -1).join(':');
  return judged.find((one) => one.class === 'production' && one.ref === `refs/tags/${name}`);
}
