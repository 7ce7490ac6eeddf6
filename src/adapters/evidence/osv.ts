/**
 * osv-scanner's JSON. An empty report means "nothing found" or "nothing to look at"; only the exit code beside it
 * tells: 0 nothing found, 1 something found, 127 an error, 128 no packages, other codes errors too.
 */
import type { Finding } from '../../domain/release/evidence-details.ts';
import type { Reading } from '../../domain/release/reading.ts';
import { createFindings, judgeFindings, scoreOf, severityOfScore, severityOfWord } from './findings.ts';
import { at, isList, listOf, textOf } from './json-value.ts';
import { inconclusive, type Report } from './reading.ts';

export function readOsv({ value, exitCode }: Report): Reading {
  const results = at(value, 'results');
  if (!isList(results)) return inconclusive('the report is no osv-scanner report: it has no results');
  const findings = createFindings();
  let packages = 0;
  for (const entry of results.flatMap((result) => listOf(at(result, 'packages')))) {
    packages += 1;
    for (const finding of findingsOf(entry)) findings.add(finding);
  }
  const details = findings.result({ tool: 'osv-scanner', looked: packages === 0 ? undefined : packages });
  return judgeFindings(details, doubtOf(exitCode, details.findings.length));
}

function doubtOf(exitCode: Report['exitCode'], found: number): string | undefined {
  if (exitCode === undefined)
    return found > 0 ? undefined : 'without its exit code nobody knows whether it found packages to look at';
  if (exitCode === null) return 'it did not finish';
  if (exitCode === 0) return undefined;
  if (exitCode === 1) return found > 0 ? undefined : 'it exited with 1, which means that there are some';
  return exitCode === 128 ? 'it found no packages (exit code 128)' : `it exited with ${exitCode}, which is an error`;
}

/** One for each group of ids that mean the same vulnerability. */
function findingsOf(entry: unknown): readonly Finding[] {
  const where = [at(entry, 'package', 'name'), at(entry, 'package', 'version')].flatMap((part) => textOf(part) ?? []);
  const known = new Map(listOf(at(entry, 'vulnerabilities')).map((one) => [at(one, 'id'), one] as const));
  const groups = listOf(at(entry, 'groups')).map((group) => ({ group, ids: listOf(at(group, 'ids')) }));
  const grouped = new Set(groups.flatMap(({ ids }) => ids));
  const alone = [...known.keys()].filter((id) => !grouped.has(id)).map((id) => ({ group: undefined, ids: [id] }));
  return [...groups, ...alone].map(({ group, ids }) => {
    const members = ids.flatMap((id) => known.get(id) ?? []);
    const score = scoreOf(at(group, 'max_severity'));
    const words = members.map((one) => severityOfWord(at(one, 'database_specific', 'severity')));
    const id = textOf(ids[0]) ?? 'unnamed';
    return {
      id,
      severity: score === undefined ? (words.find((word) => word !== 'unknown') ?? 'unknown') : severityOfScore(score),
      title: members.flatMap((one) => textOf(at(one, 'summary')) ?? [])[0] ?? id,
      where: where.join(' ') || undefined,
      score,
      suppressed: undefined,
    };
  });
}
