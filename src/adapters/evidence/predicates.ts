/** What a signed statement says, whoever made it: each predicate type that Liftlock reads, as a result. */
import { reportFormats, type ReportFormat } from '../../domain/pipeline/report.ts';
import { evidenceKinds, type EvidenceKind } from '../../domain/release/evidence.ts';
import { kindsOf, toolOf, type Reading } from '../../domain/release/reading.ts';
import { judgeReport } from '../../domain/verdict/verdict.ts';
import type { HowToRead, ReportRead } from '../../ports/reports.ts';
import { createFindings, judgeFindings, scoreOf, severityOfScore, severityOfWord } from './findings.ts';
import { at, countOf, isList, isObject, listOf, textOf } from './json-value.ts';
import { inconclusive } from './reading.ts';
import { passedProperty, predicates } from './statement.ts';

export type Read = (content: Uint8Array, how: HowToRead) => Promise<ReportRead | undefined>;

export interface PredicateRead {
  readonly kinds: readonly [EvidenceKind, ...EvidenceKind[]];
  readonly reading: Reading;
}

/** `undefined` for a type that Liftlock does not read. */
export async function readPredicate(type: string, predicate: unknown, read: Read): Promise<PredicateRead | undefined> {
  if (type === predicates.testResult) return { kinds: ['tests'], reading: testResult(predicate) };
  if ((predicates.vulnerabilities as readonly string[]).includes(type))
    return { kinds: ['audit', 'scan'], reading: vulnerabilities(predicate) };
  if (type === predicates.provenance) return { kinds: ['build'], reading: provenance(predicate) };
  if (type === predicates.verification) return verification(predicate);
  if (predicates.spdx.test(type)) return document('spdx', predicate, read);
  if (predicates.cyclonedx.test(type)) return document('cyclonedx', predicate, read);
  return type === predicates.report ? report(predicate, read) : undefined;
}

/** Tests that passed must be named: a result without a single one is no result (R20). */
function testResult(predicate: unknown): Reading {
  const result = at(predicate, 'result');
  const [passed, warned, failed] = ['passedTests', 'warnedTests', 'failedTests'].map((key) =>
    listOf(at(predicate, key)),
  );
  const names = (list: readonly unknown[]) => list.slice(0, 100).flatMap((name) => textOf(name) ?? []);
  const [good, shaky, bad] = [passed!.length, warned!.length, failed!.length];
  const details: Reading['details'] = {
    of: 'tests',
    counts: { tests: good + shaky + bad, failures: bad, errors: 0, skipped: 0 },
    failed: names(failed!),
    flaky: names(warned!),
  };
  const summary = `${good} tests passed, ${shaky} with warnings, ${bad} failed; the result is ${textOf(result) ?? 'missing'}`;
  if (result === 'FAILED' || bad > 0) return { verdict: 'FAIL', summary, details };
  if (result !== 'PASSED') return inconclusive(summary, details);
  if (good + shaky === 0) return inconclusive(`${summary}, but no test is named`, details);
  return { verdict: 'PASS', summary, details };
}

function vulnerabilities(predicate: unknown): Reading {
  const result = at(predicate, 'scanner', 'result');
  const tool = textOf(at(predicate, 'scanner', 'uri'));
  if (!isList(result)) return inconclusive('the scanner gives no result, not even an empty one');
  const findings = createFindings();
  for (const item of result) {
    const ratings = [at(item, 'severity')].flat();
    const scores = ratings.flatMap((rating) => scoreOf(at(rating, 'score')) ?? []);
    const words = ratings.map((rating) => severityOfWord(at(rating, 'score'))).filter((word) => word !== 'unknown');
    const order = ['critical', 'high', 'medium', 'low', 'info'] as const;
    const rated = new Set([...words, ...scores.map(severityOfScore)]);
    const id = textOf(at(item, 'id')) ?? 'unnamed';
    findings.add({
      id,
      severity: order.find((word) => rated.has(word)) ?? 'unknown',
      title: id,
      where: undefined,
      score: scores.length === 0 ? undefined : Math.max(...scores),
      suppressed: undefined,
    });
  }
  return judgeFindings(findings.result({ tool }));
}

function provenance(predicate: unknown): Reading {
  const builder = textOf(at(predicate, 'runDetails', 'builder', 'id'));
  const type = textOf(at(predicate, 'buildDefinition', 'buildType'));
  if (builder === undefined || type === undefined) return inconclusive('it names no builder or no type of build');
  return { verdict: 'PASS', summary: `built by ${builder} as ${type}`, details: undefined };
}

/** Of the properties that were verified, only ours say of what kind of evidence they are. */
function verification(predicate: unknown): PredicateRead {
  const properties = listOf(at(predicate, 'properties'));
  const passed = evidenceKinds.filter((kind) => properties.includes(passedProperty(kind)));
  const [first, ...rest] = passed;
  const who = textOf(at(predicate, 'verifier', 'id')) ?? 'nobody';
  if (first !== undefined)
    return {
      kinds: [first, ...rest],
      reading: { verdict: 'PASS', summary: `${who} verified ${passed.join(', ')}`, details: undefined },
    };
  const said = at(predicate, 'liftlock', 'kind');
  const kind = evidenceKinds.find((one) => one === said) ?? 'command';
  return {
    kinds: [kind],
    reading: inconclusive(`${who} verified nothing that Liftlock knows (${passedProperty(kind)})`),
  };
}

async function document(format: ReportFormat, predicate: unknown, read: Read): Promise<PredicateRead> {
  const { reading } = (await read(Buffer.from(JSON.stringify(predicate ?? null)), { format }))!;
  return { kinds: kindsOf[format], reading };
}

async function report(predicate: unknown, read: Read): Promise<PredicateRead> {
  const format = reportFormats.find((one) => one === at(predicate, 'format'));
  const text = at(predicate, 'report');
  if (format === undefined || !(typeof text === 'string' || isObject(text)))
    return { kinds: ['command'], reading: inconclusive('it holds no report of a format that Liftlock reads') };
  const exitCode = countOf(at(predicate, 'exitCode'));
  const content = Buffer.from(typeof text === 'string' ? text : JSON.stringify(text));
  const { reading } = (await read(content, { format, ...(exitCode === undefined ? {} : { exitCode }) }))!;
  const judged = exitCode === undefined ? reading : judgeReport(reading, exitCode, toolOf(format, reading));
  return { kinds: kindsOf[format], reading: { ...judged, details: reading.details } };
}
