/** CycloneDX JSON: what is inside, and the vulnerabilities that the document lists, with what was found out about each. */
import type { Finding } from '../../domain/release/evidence-details.ts';
import type { Reading } from '../../domain/release/reading.ts';
import { createFindings, judgeFindings, scoreOf, severityOfScore, severityOfWord } from './findings.ts';
import { at, isList, listOf, textOf } from './json-value.ts';
import { inconclusive, type Report } from './reading.ts';

export function readCyclonedx({ value }: Report): Reading {
  if (at(value, 'bomFormat') !== 'CycloneDX' || !/^1\.\d{1,2}$/.test(textOf(at(value, 'specVersion')) ?? ''))
    return inconclusive('the document is no CycloneDX of version 1.x');
  const components = countComponents(value);
  if (components === 0) return inconclusive('the document names no component');
  const vulnerabilities = at(value, 'vulnerabilities');
  if (!isList(vulnerabilities))
    return {
      verdict: 'PASS',
      summary: `CycloneDX: ${components} components`,
      details: { of: 'components', components },
    };
  const findings = createFindings();
  for (const vulnerability of vulnerabilities) findings.add(findingOf(vulnerability));
  return judgeFindings(findings.result({ tool: 'CycloneDX', looked: components }));
}

/** Components may hold components; the depth of the document is bounded. */
function countComponents(holder: unknown): number {
  return listOf(at(holder, 'components')).reduce<number>((sum, component) => sum + 1 + countComponents(component), 0);
}

/** What an analysis says that ends the matter. `exploitable` and `in_triage` do not. */
const settled = ['not_affected', 'false_positive', 'resolved', 'resolved_with_pedigree'];

function findingOf(vulnerability: unknown): Finding {
  const id = textOf(at(vulnerability, 'id')) ?? 'unnamed';
  const ratings = listOf(at(vulnerability, 'ratings'));
  const scores = ratings.flatMap((rating) => scoreOf(at(rating, 'score')) ?? []);
  const words = ratings.map((rating) => severityOfWord(at(rating, 'severity'))).filter((word) => word !== 'unknown');
  const state = at(vulnerability, 'analysis', 'state');
  const detail =
    textOf(at(vulnerability, 'analysis', 'detail')) ?? textOf(at(vulnerability, 'analysis', 'justification'));
  return {
    id,
    severity: worst([...words, ...scores.map(severityOfScore)]) ?? 'unknown',
    title: textOf(at(vulnerability, 'description')) ?? id,
    where: textOf(at(listOf(at(vulnerability, 'affects'))[0], 'ref')),
    score: scores.length === 0 ? undefined : Math.max(...scores),
    suppressed:
      typeof state === 'string' && settled.includes(state)
        ? { because: detail === undefined ? state : `${state}: ${detail}` }
        : undefined,
  };
}

const order = ['critical', 'high', 'medium', 'low', 'info'] as const;

function worst(words: readonly Finding['severity'][]): Finding['severity'] | undefined {
  return order.find((word) => words.includes(word));
}
