/** All tests passed: the latest results about this artifact, in the environments before this one. */
import type { EvidenceFact } from '../release/evidence.ts';
import { open, waiting, type Gate } from './gate.ts';
import { latestOfEach, placeOf, uncounted } from './usable-evidence.ts';

export const testsGate: Gate = {
  name: 'tests',
  asks: 'facts',
  answer({ facts: { spec, now }, release, kind }) {
    const required = spec.gates.find((gate) => gate.gate === 'tests');
    if (required === undefined || kind === 'rollback') return undefined;
    const results = release.evidence.filter(
      (piece) => (piece.kind === 'tests' || piece.kind === 'command') && isUpstream(piece, spec.after.environments),
    );
    const counting = { claimed: required.claimed, now };
    const refused = results.flatMap((piece) => uncounted(piece, counting) ?? []);
    const counted = latestOfEach(results.filter((piece) => uncounted(piece, counting) === undefined));
    const missing = [
      ...(counted.length === 0 ? [nothing(release.number, spec.after.environments)] : []),
      ...required.commands
        .filter((name) => !counted.some((piece) => piece.name === name))
        .map((name) => `there is no result of ${name}`),
    ];
    const bad = counted.filter(({ verdict }) => verdict !== 'PASS');
    if (missing.length === 0 && bad.length === 0)
      return open(counted.map((piece) => `${piece.name} passed${placeOf(piece)}`).join(', '));
    const because = [...bad.map(told), ...missing, ...refused].join('; ');
    return waiting('upstream', because, unblock(spec.after.environments));
  },
};

function isUpstream({ environment }: EvidenceFact, environments: readonly string[]): boolean {
  return environment === undefined || environments.includes(environment);
}

function told(piece: EvidenceFact): string {
  return `${piece.name}${placeOf(piece)} is ${piece.verdict}: ${piece.summary}`;
}

function nothing(number: number, environments: readonly string[]): string {
  const where = environments.length === 0 ? '' : ` in ${environments.join(' or ')}`;
  return `there is no test result of release #${number}${where}`;
}

function unblock([environment]: readonly string[]): string {
  return environment === undefined
    ? 'liftlock evidence add --kind tests'
    : `liftlock reverify ${environment}, or correct it and commit`;
}
