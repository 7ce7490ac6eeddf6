/** `npm audit --json`, report version 2. When the registry cannot be asked, npm writes valid JSON too, with `error` in it. */
import type { Reading } from '../../domain/release/reading.ts';
import { createFindings, judgeFindings, scoreOf, severityOfWord, type Findings } from './findings.ts';
import { at, countOf, entriesOf, isObject, listOf, textOf } from './json-value.ts';
import { inconclusive, type Report } from './reading.ts';

export function readNpmAudit({ value }: Report): Reading {
  const vulnerabilities = at(value, 'vulnerabilities');
  if (at(value, 'error') !== undefined)
    return inconclusive(
      `npm could not audit: ${textOf(at(value, 'message')) ?? textOf(at(value, 'error', 'summary')) ?? 'it gives no reason'}`,
    );
  if (at(value, 'auditReportVersion') !== 2)
    return inconclusive('the report is no npm audit of version 2 (npm 7 or newer)');
  if (!isObject(vulnerabilities)) return inconclusive('the report lists no vulnerabilities, not even none');
  const findings = createFindings();
  const packages = entriesOf(vulnerabilities);
  for (const [name, vulnerability] of packages) add(findings, name, vulnerability);
  const looked = countOf(at(value, 'metadata', 'dependencies', 'total'));
  return judgeFindings(findings.result({ tool: 'npm audit', looked }), disagreement(value, packages));
}

/** One finding for each package, rated as npm rates it: an advisory behind it, or another package that pulls it in. */
function add(findings: Findings, name: string, vulnerability: unknown): void {
  const via = listOf(at(vulnerability, 'via'));
  const advisories = via.filter(isObject);
  const [first] = advisories;
  const because = via.filter((one) => typeof one === 'string').flatMap((one) => textOf(one) ?? []);
  const scores = advisories.flatMap((advisory) => scoreOf(at(advisory, 'cvss', 'score')) ?? []);
  findings.add({
    id: advisoryId(first) ?? textOf(name) ?? 'unnamed',
    severity: severityOfWord(at(vulnerability, 'severity')),
    title: textOf(at(first, 'title')) ?? `through ${because.slice(0, 3).join(', ') || 'another package'}`,
    where: textOf(`${name} ${textOf(at(vulnerability, 'range')) ?? ''}`),
    score: scores.length === 0 ? undefined : Math.max(...scores),
    suppressed: undefined,
  });
}

function advisoryId(advisory: unknown): string | undefined {
  const url = textOf(at(advisory, 'url'));
  return /GHSA(?:-[\da-z]{4}){3}/.exec(url ?? '')?.[0] ?? url;
}

function disagreement(value: unknown, packages: readonly (readonly [string, unknown])[]): string | undefined {
  const declared = at(value, 'metadata', 'vulnerabilities');
  const total = countOf(at(declared, 'total'));
  if (total === undefined) return 'it does not say how many there are';
  if (total !== packages.length) return `it declares ${total} and lists ${packages.length}`;
  const wrong = (['info', 'low', 'moderate', 'high', 'critical'] as const).find((word) => {
    const listed = packages.filter(([, vulnerability]) => at(vulnerability, 'severity') === word).length;
    return countOf(at(declared, word)) !== listed;
  });
  return wrong === undefined ? undefined : `it declares another number of ${wrong} ones than it lists`;
}
