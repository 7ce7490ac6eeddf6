import { severities, type Finding, type FindingDetails, type Severity } from '../../domain/release/evidence-details.ts';
import type { Reading } from '../../domain/release/reading.ts';

/** As many as are listed; all are counted. */
const mostListed = 200;

export interface Findings {
  add(finding: Finding): void;
  /** `looked`: how many packages, files or rules were looked at, where the tool says so. */
  result(about: { tool: string | undefined; looked?: number | undefined }): FindingDetails;
}

/** Collects in bounded memory: of each severity, and of suppressed ones, no more than could be listed. */
export function createFindings(): Findings {
  const bySeverity = Object.fromEntries(severities.map((severity) => [severity, 0])) as Record<Severity, number>;
  const kept = new Map<Severity | 'suppressed', Finding[]>();
  let suppressed = 0;
  return {
    add(finding) {
      if (finding.suppressed === undefined) bySeverity[finding.severity] += 1;
      else suppressed += 1;
      const group = finding.suppressed === undefined ? finding.severity : 'suppressed';
      const list = kept.get(group) ?? [];
      kept.set(group, list);
      if (list.length < mostListed) list.push(finding);
    },
    result({ tool, looked }) {
      const listed = [...severities, 'suppressed' as const].flatMap((group) => kept.get(group) ?? []);
      const all = severities.reduce((sum, severity) => sum + bySeverity[severity], suppressed);
      const findings = listed.slice(0, mostListed);
      return { of: 'findings', tool, looked, bySeverity, suppressed, findings, complete: findings.length === all };
    },
  };
}

/**
 * High and critical ones fail; ones that nobody rated leave the question open. `doubt` says why the report may not
 * hold everything; it spoils a pass, not a failure.
 */
export function judgeFindings(details: FindingDetails, doubt?: string): Reading {
  const summary = sentenceOf(details);
  const { critical, high, unknown } = details.bySeverity;
  if (critical + high > 0) return { verdict: 'FAIL', summary, details };
  if (doubt !== undefined) return { verdict: 'INCONCLUSIVE', summary: `${summary}, but ${doubt}`, details };
  if (unknown > 0)
    return { verdict: 'INCONCLUSIVE', summary: `${summary}: what is not rated must be looked at`, details };
  return { verdict: 'PASS', summary, details };
}

function sentenceOf({ tool, looked, bySeverity, suppressed, findings }: FindingDetails): string {
  const counted = severities.flatMap((severity) => {
    const word = severity === 'unknown' ? 'not rated' : severity;
    return bySeverity[severity] === 0 ? [] : [`${bySeverity[severity]} ${word}`];
  });
  const found = counted.length === 0 ? 'no findings' : `found ${counted.join(', ')}`;
  const among = looked === undefined ? '' : ` among ${looked}`;
  const aside = suppressed === 0 ? '' : ` (${suppressed} suppressed)`;
  const worst = findings.filter((finding) => finding.suppressed === undefined).slice(0, 3);
  const names =
    worst.length === 0
      ? ''
      : `: ${worst.map(({ id, where }) => (where === undefined ? id : `${id} in ${where}`)).join('; ')}`;
  return `${tool ?? 'the tool'}: ${found}${among}${aside}${names}`;
}

/** The qualitative scale of CVSS 3. */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'info';
}

/** What tools call it, in any case. */
export function severityOfWord(word: unknown): Severity {
  const known: Readonly<Record<string, Severity>> = {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    moderate: 'medium',
    low: 'low',
    negligible: 'info',
    info: 'info',
    informational: 'info',
    none: 'info',
  };
  const key = typeof word === 'string' ? word.toLowerCase() : '';
  return Object.hasOwn(known, key) ? known[key]! : 'unknown';
}

/** A CVSS-like score given as a number or as text. */
export function scoreOf(value: unknown): number | undefined {
  const score = typeof value === 'string' && /^\d{1,2}(?:\.\d{1,4})?$/.test(value.trim()) ? Number(value) : value;
  return typeof score === 'number' && score >= 0 && score <= 10 ? score : undefined;
}
