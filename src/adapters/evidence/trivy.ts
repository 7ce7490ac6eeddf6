/** Trivy's JSON report, schema version 2: vulnerabilities, misconfigurations, secrets and licences. */
import type { Finding } from '../../domain/release/evidence-details.ts';
import type { Reading } from '../../domain/release/reading.ts';
import { createFindings, judgeFindings, severityOfWord } from './findings.ts';
import { at, isObject, listOf, textOf } from './json-value.ts';
import { inconclusive, type Report } from './reading.ts';

export function readTrivy({ value }: Report): Reading {
  if (at(value, 'SchemaVersion') !== 2) return inconclusive('the report is no Trivy report of schema version 2');
  // Trivy leaves the key out when there was nothing it could look at.
  const results = listOf(at(value, 'Results')).filter(isObject);
  if (results.length === 0) return inconclusive('Trivy looked at nothing: the report has no results');
  const findings = createFindings();
  for (const result of results) for (const finding of findingsIn(result)) findings.add(finding);
  return judgeFindings(findings.result({ tool: 'Trivy', looked: results.length }));
}

function* findingsIn(result: unknown): Generator<Finding> {
  const target = textOf(at(result, 'Target'));
  for (const item of listOf(at(result, 'Vulnerabilities'))) yield vulnerability(item, target);
  for (const item of listOf(at(result, 'Misconfigurations')))
    if ((at(item, 'Status') ?? 'FAIL') === 'FAIL') yield other(item, ['ID', 'AVDID'], target);
  for (const item of listOf(at(result, 'Secrets'))) yield other(item, ['RuleID'], target);
  for (const item of listOf(at(result, 'Licenses'))) yield other(item, ['Name'], textOf(at(item, 'PkgName')) ?? target);
  for (const key of ['ModifiedFindings', 'ExperimentalModifiedFindings'])
    for (const modified of listOf(at(result, key))) yield suppressed(modified, target);
}

function vulnerability(item: unknown, target: string | undefined): Finding {
  const id = textOf(at(item, 'VulnerabilityID')) ?? 'unnamed';
  const name = textOf(at(item, 'PkgName'));
  return {
    id,
    severity: severityOfWord(at(item, 'Severity')),
    title: textOf(at(item, 'Title')) ?? id,
    where: name === undefined ? target : `${name} ${textOf(at(item, 'InstalledVersion')) ?? ''}`.trim(),
    score: undefined,
    suppressed: undefined,
  };
}

function other(item: unknown, ids: readonly string[], where: string | undefined): Finding {
  const id = ids.flatMap((key) => textOf(at(item, key)) ?? [])[0] ?? 'unnamed';
  return {
    id,
    severity: severityOfWord(at(item, 'Severity')),
    title: textOf(at(item, 'Title')) ?? textOf(at(item, 'Message')) ?? id,
    where,
    score: undefined,
    suppressed: undefined,
  };
}

/** What an ignore file or a VEX document took out, when Trivy was asked to show it. */
function suppressed(modified: unknown, target: string | undefined): Finding {
  const finding = at(modified, 'Finding');
  const base =
    at(finding, 'VulnerabilityID') === undefined
      ? other(finding, ['ID', 'AVDID', 'RuleID', 'Name'], target)
      : vulnerability(finding, target);
  const because = textOf(at(modified, 'Statement')) ?? textOf(at(modified, 'Source')) ?? textOf(at(modified, 'Status'));
  return { ...base, suppressed: { because: because ?? 'no reason given' } };
}
