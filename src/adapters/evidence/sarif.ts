/**
 * SARIF 2.1.0 (OASIS), exactly that version. Levels come from the result, else its rule, else `warning`; a
 * `security-severity` (as GitHub and many tools write it, 0 to 10) rates a result, and an error is at least high.
 */
import { severities, type Finding, type Severity } from '../../domain/release/evidence-details.ts';
import type { Reading } from '../../domain/release/reading.ts';
import { createFindings, judgeFindings, scoreOf, severityOfScore, type Findings } from './findings.ts';
import { at, isList, isObject, listOf, textOf } from './json-value.ts';
import { inconclusive, type Report } from './reading.ts';

export function readSarif({ value }: Report): Reading {
  if (!isObject(value)) return inconclusive('the report is no SARIF log');
  if (at(value, 'version') !== '2.1.0')
    return inconclusive(`the report is SARIF ${textOf(at(value, 'version')) ?? 'of no version'}, not 2.1.0`);
  const runs = listOf(at(value, 'runs'));
  if (runs.length === 0) return inconclusive('the report holds no run of a tool');
  const findings = createFindings();
  const doubts = runs.flatMap((run) => readRun(run, findings) ?? []);
  const tools = new Set(runs.flatMap((run) => textOf(at(run, 'tool', 'driver', 'name')) ?? []));
  return judgeFindings(findings.result({ tool: [...tools].slice(0, 5).join(', ') || undefined }), doubts[0]);
}

/** Answers why the run may not have seen everything. */
function readRun(run: unknown, findings: Findings): string | undefined {
  const results = at(run, 'results');
  const rules = rulesOf(run);
  for (const result of listOf(results)) {
    const finding = findingOf(result, rules);
    if (finding !== undefined) findings.add(finding);
  }
  const invocations = listOf(at(run, 'invocations'));
  if (invocations.some((invocation) => at(invocation, 'executionSuccessful') === false))
    return 'the tool says that it did not run to its end';
  const notices = invocations.flatMap((invocation) => listOf(at(invocation, 'toolExecutionNotifications')));
  if (notices.some((notice) => at(notice, 'level') === 'error')) return 'the tool reports errors of its own';
  return isList(results) ? undefined : 'a run without results has looked at nothing';
}

interface Rules {
  readonly components: readonly (readonly unknown[])[];
  readonly byId: ReadonlyMap<string, unknown>;
}

function rulesOf(run: unknown): Rules {
  const driver = listOf(at(run, 'tool', 'driver', 'rules'));
  const extensions = listOf(at(run, 'tool', 'extensions')).map((extension) => listOf(at(extension, 'rules')));
  const components = [driver, ...extensions];
  const byId = new Map<string, unknown>();
  for (const rule of components.flat()) {
    const id = at(rule, 'id');
    if (typeof id === 'string' && !byId.has(id)) byId.set(id, rule);
  }
  return { components, byId };
}

/** By index within its component, else by id, else by the part of a hierarchical id before the last slash. */
function ruleOf(result: unknown, { components, byId }: Rules): unknown {
  const reference = at(result, 'rule');
  const component = at(reference, 'toolComponent', 'index');
  const index = at(result, 'ruleIndex') ?? at(reference, 'index');
  const list = typeof component === 'number' ? components[component + 1] : components[0];
  const indexed = typeof index === 'number' && index >= 0 ? list?.[index] : undefined;
  if (indexed !== undefined) return indexed;
  const id = at(result, 'ruleId') ?? at(reference, 'id');
  return typeof id === 'string' ? (byId.get(id) ?? byId.get(id.slice(0, Math.max(0, id.lastIndexOf('/'))))) : undefined;
}

function findingOf(result: unknown, rules: Rules): Finding | undefined {
  const kind = at(result, 'kind') ?? 'fail';
  // What was there at the baseline and is gone is not there.
  if (at(result, 'baselineState') === 'absent') return undefined;
  if (kind === 'pass' || kind === 'notApplicable' || kind === 'informational') return undefined;
  const rule = ruleOf(result, rules);
  const score = scoreOf(at(result, 'properties', 'security-severity') ?? at(rule, 'properties', 'security-severity'));
  const id = textOf(at(result, 'ruleId')) ?? textOf(at(result, 'rule', 'id')) ?? textOf(at(rule, 'id'));
  const level = at(result, 'level') ?? at(rule, 'defaultConfiguration', 'level') ?? 'warning';
  return {
    id: id ?? 'a result without a rule',
    // `open` and `review`: the tool leaves the judgement to a person.
    severity: kind === 'fail' ? severityOf(level, score) : 'unknown',
    title: textOf(at(result, 'message', 'text')) ?? textOf(at(result, 'message', 'markdown')) ?? id ?? 'no message',
    where: placeOf(result),
    score,
    suppressed: suppressionOf(result),
  };
}

const ofLevel: Readonly<Record<string, Severity>> = { error: 'high', warning: 'medium', note: 'low', none: 'info' };

function severityOf(level: unknown, score: number | undefined): Severity {
  const word = typeof level === 'string' && Object.hasOwn(ofLevel, level) ? ofLevel[level]! : 'unknown';
  if (score === undefined) return word;
  const rated = severityOfScore(score);
  return level === 'error' && severities.indexOf(rated) > severities.indexOf('high') ? 'high' : rated;
}

function placeOf(result: unknown): string | undefined {
  const place = at(listOf(at(result, 'locations'))[0], 'physicalLocation');
  const file = textOf(at(place, 'artifactLocation', 'uri'));
  const line = at(place, 'region', 'startLine');
  return file === undefined || typeof line !== 'number' ? file : `${file}:${line}`;
}

/** Counts only when somebody has accepted one and nobody has refused or is still looking. */
function suppressionOf(result: unknown): Finding['suppressed'] {
  const suppressions = listOf(at(result, 'suppressions'));
  const accepted = suppressions.filter((suppression) => at(suppression, 'status') === 'accepted');
  if (accepted.length === 0 || accepted.length < suppressions.length) return undefined;
  return { because: textOf(at(accepted[0], 'justification')) ?? 'accepted without a reason' };
}
