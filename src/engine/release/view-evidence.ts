import type { Evidence } from '../../domain/release/evidence.ts';
import type { EvidenceDetails, FindingDetails } from '../../domain/release/evidence-details.ts';
import type { EvidenceDetailsView, EvidenceView } from '../views/views.ts';

export function viewEvidence(piece: Evidence, environmentName: string | undefined): EvidenceView {
  return {
    id: piece.id,
    environment: environmentName ?? piece.environment ?? null,
    promotion: piece.promotion ?? null,
    kind: piece.kind,
    name: piece.name,
    verdict: piece.verdict,
    standing: piece.standing,
    by: piece.by,
    summary: piece.summary,
    format: piece.format ?? null,
    content: piece.content ?? null,
    at: piece.at,
    expiresAt: piece.expiresAt ?? null,
    milliseconds: piece.milliseconds,
  };
}

/** Absent values as null, as everywhere at the edge. */
export function viewDetails(details: EvidenceDetails): EvidenceDetailsView {
  if (details.of === 'findings') return viewFindings(details);
  if (details.of !== 'load') return details;
  const { requests, errorRate, requestsPerSecond, p50, p95, p99, max } = details.metrics;
  return {
    of: 'load',
    metrics: {
      requests,
      errorRate,
      requestsPerSecond: requestsPerSecond ?? null,
      p50: p50 ?? null,
      p95: p95 ?? null,
      p99: p99 ?? null,
      max: max ?? null,
    },
    thresholds: details.thresholds,
  };
}

function viewFindings({ tool, looked, findings, ...details }: FindingDetails): EvidenceDetailsView {
  return {
    ...details,
    tool: tool ?? null,
    looked: looked ?? null,
    findings: findings.map(({ where, score, suppressed, ...finding }) => ({
      ...finding,
      where: where ?? null,
      score: score ?? null,
      suppressed: suppressed ?? null,
    })),
  };
}
