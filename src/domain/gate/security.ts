/** No finding at or above a severity that nobody answers for, in scans and audits that are recent. */
import { isoTime, type Instant } from '../base/time.ts';
import { severityLimits, type SecurityGateSpec, type SeverityLimit } from '../pipeline/gate-spec.ts';
import type { Suppression } from '../promotion/proof.ts';
import type { EvidenceFact } from '../release/evidence.ts';
import type { Finding, FindingDetails, Severity } from '../release/evidence-details.ts';
import { open, waiting, type Gate } from './gate.ts';
import { latestOfEach, placeOf, uncounted } from './usable-evidence.ts';

export const securityGate: Gate = {
  name: 'security',
  asks: 'facts',
  answer({ facts: { spec, now, suppressions }, release, kind }) {
    const policy = spec.gates.find((gate) => gate.gate === 'security');
    if (policy === undefined || kind === 'rollback') return undefined;
    const scans = release.evidence.filter((piece) => piece.kind === 'scan' || piece.kind === 'audit');
    const counting = { claimed: policy.claimed, now, within: policy.within };
    const counted = latestOfEach(scans.filter((piece) => uncounted(piece, counting) === undefined));
    const judged = counted.map((piece) => judge(piece, policy, { suppressions, now }));
    const blocking = [...absent(counted, policy, release.number), ...judged.flatMap(({ problems }) => problems)];
    if (blocking.length === 0) return open(judged.map(({ said }) => said).join('; '));
    const refused = scans.flatMap((piece) => uncounted(piece, counting) ?? []);
    return waiting('upstream', [...blocking, ...refused].join('; '), unblockOf(judged, policy));
  },
};

/** Required tools that have not spoken; without a list, one scan or audit of any kind has to be there. */
function absent(counted: readonly EvidenceFact[], { tools }: SecurityGateSpec, number: number): readonly string[] {
  if (counted.length === 0 && tools.length === 0) return [`there is no security scan of release #${number}`];
  return tools
    .filter((tool) => !counted.some((piece) => piece.name === tool || findingsOf(piece)?.tool === tool))
    .map((tool) => `${tool} has not looked at release #${number}`);
}

interface Judged {
  readonly problems: readonly string[];
  readonly said: string;
  /** Findings that block, for the way out. */
  readonly findings: readonly Finding[];
}

interface Accepted {
  readonly suppressions: readonly Suppression[];
  readonly now: Instant;
}

/** The policy, not the tool, decides about findings that are listed; about everything else the report's own verdict does. */
function judge(piece: EvidenceFact, policy: SecurityGateSpec, accepted: Accepted): Judged {
  const name = `${piece.name}${placeOf(piece)}`;
  const details = findingsOf(piece);
  if (piece.verdict === 'INCONCLUSIVE' || details === undefined) {
    const said = `${name} is ${piece.verdict}: ${piece.summary}`;
    return { problems: piece.verdict === 'PASS' ? [] : [said], said, findings: [] };
  }
  const severe = details.findings.filter(({ severity }) => isSevere(severity, policy.failAt));
  const blocking = severe.filter(({ id }) => suppressionOf(id, accepted) === undefined);
  const unlisted = unlistedOf(details, policy.failAt);
  const problems = [
    ...blocking.map((finding) => `${name}: ${describe(finding)}${history(finding, accepted)}`),
    ...(unlisted === 0 ? [] : [`${name}: ${unlisted} more ${policy.failAt} or worse, which its report does not list`]),
    ...(piece.verdict === 'FAIL' && details.findings.length === 0 ? [`${name} is FAIL: ${piece.summary}`] : []),
  ];
  const answered = severe.flatMap(({ id }) => suppressionOf(id, accepted) ?? []);
  const rest = answered.map(({ finding, owner, until }) => `; ${finding} accepted by ${owner} until ${isoTime(until)}`);
  return { problems, findings: blocking, said: `${name}: nothing ${policy.failAt} or worse${rest.join('')}` };
}

function findingsOf({ details }: EvidenceFact): FindingDetails | undefined {
  return details?.of === 'findings' ? details : undefined;
}

/** What nobody rated may be anything, so it blocks; what is mere information never does. */
function isSevere(severity: Severity, least: SeverityLimit): boolean {
  if (severity === 'unknown') return true;
  return severity !== 'info' && severityLimits.indexOf(severity) >= severityLimits.indexOf(least);
}

/** A report that lists only the first of its findings says by its counts what it left out. */
function unlistedOf({ bySeverity, findings, complete }: FindingDetails, least: SeverityLimit): number {
  if (complete) return 0;
  const counted = (Object.keys(bySeverity) as Severity[])
    .filter((severity) => isSevere(severity, least))
    .reduce((sum, severity) => sum + bySeverity[severity], 0);
  const listed = findings.filter(({ severity, suppressed }) => suppressed === undefined && isSevere(severity, least));
  return Math.max(0, counted - listed.length);
}

function suppressionOf(id: string, { suppressions, now }: Accepted): Suppression | undefined {
  return suppressions.find(({ finding, until }) => finding === id && now < until);
}

function describe({ id, severity, title, where }: Finding): string {
  const rated = severity === 'unknown' ? 'not rated' : severity;
  return `${id} (${[rated, title, where].filter((part) => part !== undefined && part !== '').join(', ')})`;
}

/** Why what looks accepted is not: the time is over, or only the tool's own report says so. */
function history({ id, suppressed }: Finding, { suppressions }: Accepted): string {
  const [last] = suppressions
    .filter(({ finding }) => finding === id)
    .toSorted((left, right) => right.until - left.until);
  if (last !== undefined) return `, accepted by ${last.owner} until ${isoTime(last.until)}, which is over`;
  return suppressed === undefined ? '' : ', suppressed in the report, but nobody answers for it here';
}

function unblockOf(judged: readonly Judged[], { tools }: SecurityGateSpec): string {
  const [first] = judged.flatMap(({ findings }) => findings);
  if (first !== undefined)
    return `correct it and scan again, or answer for it: liftlock suppress ${first.id} --until <date> --reason <why>`;
  const which = tools.length === 0 ? '' : ` (${tools.join(', ')})`;
  return `scan it and record the report: liftlock evidence add --kind scan${which}`;
}
