/** Did the release come here the way it should: merged to main, deployed by Liftlock, named by a version tag? */
import type { EnvironmentFacts, ReleaseFacts, UpstreamFacts } from '../promotion/facts.ts';
import type { RefFact } from '../promotion/proof.ts';
import { closed, open, waiting, type Answer, type Gate } from './gate.ts';

/** Automated deployment succeeded upstream: a promotion that ended well, by a target that deploys. */
export const deployedGate: Gate = {
  name: 'deployed',
  asks: 'facts',
  answer({ facts: { spec }, release, kind }) {
    if (!spec.gates.some((gate) => gate.gate === 'deployed') || kind === 'rollback') return undefined;
    const { mode, environments } = spec.after;
    if (environments.length === 0) return open('no environment comes before this one');
    const done = release.upstream.filter(isDeployed);
    const enough = mode === 'all' ? done.length === environments.length : done.length > 0;
    if (enough)
      return open(
        done.map(({ environment, deployed }) => `${deployed!.promotion} deployed it to ${environment}`).join('; '),
      );
    const missing = release.upstream.filter((upstream) => !isDeployed(upstream));
    return waiting(
      'upstream',
      missing.map((upstream) => undeployed(upstream, release.number)).join('; '),
      missing
        .map(({ environment, onItsWay }) =>
          onItsWay
            ? `wait for it in ${environment}, where it is on its way`
            : `liftlock promote ${release.number} ${environment}`,
        )
        .join(mode === 'all' ? ', and ' : ', or '),
    );
  },
};

function isDeployed({ deployed }: UpstreamFacts): boolean {
  return deployed?.outcome === 'succeeded' && deployed.automated;
}

function undeployed({ environment, deployed }: UpstreamFacts, number: number): string {
  if (deployed === undefined) return `release #${number} was never deployed to ${environment}`;
  if (deployed.outcome !== 'succeeded') return `its last deployment to ${environment} ended ${deployed.outcome}`;
  return `${environment} only records what is there (deploy: ""), so nothing was deployed by Liftlock`;
}

/** The commit is on the main branch by a trigger that counts. */
export const mergedGate: Gate = {
  name: 'merged',
  asks: 'facts',
  answer({ facts: { spec, mainBranch }, release, kind }) {
    if (!spec.gates.some((gate) => gate.gate === 'merged') || kind === 'rollback') return undefined;
    const found = release.proofs.refs.filter(({ ref }) => ref === `refs/heads/${mainBranch}`);
    if (found.length === 0)
      return waiting('upstream', `its commit was not seen on ${mainBranch}`, `merge it to ${mainBranch}`);
    return standing(found, {
      what: `merged to ${mainBranch}`,
      unblock: `let a maintainer sign what is merged to ${mainBranch}; liftlock verify ${mainBranch}`,
    });
  },
};

/** A version tag that counts names the commit. */
export const taggedGate: Gate = {
  name: 'tagged',
  asks: 'facts',
  answer({ facts: { spec, trust }, release, kind }) {
    if (!spec.gates.some((gate) => gate.gate === 'tagged') || kind === 'rollback') return undefined;
    const tags = release.proofs.refs.filter(({ ref }) => isVersionTag(ref));
    if (tags.length === 0)
      return waiting('person', 'no version tag names its commit', howToTag(trust.signatures, release));
    return standing(tags, {
      what: `tagged ${tags.map(({ ref }) => shortOf(ref)).join(' and ')}`,
      unblock: `liftlock verify ${shortOf(tags[0]!.ref)}`,
    });
  },
};

/** Where nobody's signature is asked for, nobody needs a key to release. */
function howToTag(signatures: EnvironmentFacts['trust']['signatures'], { number, commit }: ReleaseFacts): string {
  return signatures === 'none'
    ? `git tag v1.0.0 ${commit.slice(0, 10)}, and push it`
    : `liftlock release sign ${number}`;
}

/** The best of several: one that counts is enough; one that was refused does not spoil it. */
function standing(refs: readonly RefFact[], { what, unblock }: { what: string; unblock: string }): Answer {
  const triggers = refs.map(({ trigger }) => trigger);
  const accepted = triggers.find((trigger) => trigger.standing === 'accepted');
  if (accepted !== undefined)
    return open(
      accepted.mode === 'strict'
        ? `${what}, signed by ${accepted.by}`
        : `${what} by the hosting platform, accepted in Liftlock by ${accepted.by}; no maintainer signed it`,
    );
  if (triggers.some((trigger) => trigger.standing === 'unchecked'))
    return open(`${what}; its signature was not looked at (trust.signatures: none)`);
  const refused = triggers.find((trigger) => trigger.standing === 'refused');
  if (refused !== undefined) return closed(`${what}, which was refused: ${refused.code}: ${refused.because}`, unblock);
  return waiting('lookup', `${what}, which was not judged yet`, unblock);
}

/** `v1.2.3`, and nothing behind it: a release candidate is no release. */
export function isVersionTag(ref: string): boolean {
  return /^refs\/tags\/v(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/.test(ref);
}

function shortOf(ref: string): string {
  return ref.replace(/^refs\/(?:tags|heads)\//, '');
}
