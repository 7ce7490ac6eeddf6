/** What a report can be evidence of, and what it says once it is read. */
import type { ReportFormat } from '../pipeline/report.ts';
import type { EvidenceKind, VerdictWord } from './evidence.ts';
import type { EvidenceDetails } from './evidence-details.ts';

/** The first is what a report of this format is about unless somebody says otherwise; it can be about nothing else. */
export const kindsOf: Readonly<Record<ReportFormat, readonly [EvidenceKind, ...EvidenceKind[]]>> = {
  junit: ['tests'],
  sarif: ['scan', 'audit'],
  'npm-audit': ['audit'],
  trivy: ['scan', 'audit'],
  osv: ['audit', 'scan'],
  cyclonedx: ['sbom', 'audit'],
  spdx: ['sbom'],
  k6: ['load'],
  autocannon: ['load'],
  'exit-code': ['command', 'build'],
};

/** What a report says. What cannot be read in full is INCONCLUSIVE and says why; it is never taken for good news. */
export interface Reading {
  readonly verdict: VerdictWord;
  /** One sentence. */
  readonly summary: string;
  readonly details: EvidenceDetails | undefined;
}

/** How a report's exit code is to be taken (see `judgeReport`). */
export function toolOf(format: ReportFormat, { details }: Reading): { searches: boolean; found: boolean } {
  const [kind] = kindsOf[format];
  const searches = kind === 'scan' || kind === 'audit' || kind === 'sbom';
  return { searches, found: details?.of === 'findings' && details.findings.length > 0 };
}
