import type { TestCounts } from '../../../domain/release/evidence-details.ts';
import type { XmlHandlers } from './xml.ts';

export interface Tally {
  readonly handlers: XmlHandlers;
  /** Why this is no JUnit report, as soon as that is known. */
  problem(): string | undefined;
  /** Once the document has ended. */
  result(): Tallied;
}

export interface Tallied {
  readonly counts: TestCounts;
  /** Names of the first failed cases, `class › name`. */
  readonly failed: readonly string[];
  /** Names of the first cases that failed before they passed, as surefire and others write it. */
  readonly flaky: readonly string[];
  readonly flakyCount: number;
  /** How the declared counters differ from the cases. Absent when something failed: that is certain either way. */
  readonly disagreement: string | undefined;
}

/** A `testsuite` or the root while it is open, with what was counted inside it so far. */
interface Suite {
  readonly name: string;
  readonly declaredTests: number | undefined;
  readonly declaredFailing: number;
  /** Direct children, suites included: what `node --test` declares as `tests`. */
  children: number;
  directCases: number;
  cases: number;
  failing: number;
  /** Cases that failed but were announced to (`todo`). */
  excused: number;
}

type Outcome = 'passed' | 'skipped' | 'todo' | 'failure' | 'error';

interface Case {
  readonly name: string;
  outcome: Outcome;
  flaky: boolean;
}

const mostNames = 100;
const longestName = 300;

/**
 * Counts the cases themselves, at any nesting; attributes only serve to catch reports that lie.
 *
 * A declared number of tests must be that of the cases inside, of the cases directly inside, or (node) of the children. Declared
 * failures beyond the cases that failed count as failures: suites fail without a case too (in their set-up). So do
 * those of the summary that `node --test` writes as comments. An element `failure` or `error` outside any case is one.
 * A failed case that its author marked `todo` is skipped, as for `node --test` itself.
 */
export function createTally(): Tally {
  const counts = { tests: 0, failures: 0, errors: 0, skipped: 0 };
  const failed: string[] = [];
  const flaky: string[] = [];
  let flakyCount = 0;
  const open: Suite[] = [];
  let current: Case | undefined;
  let elements = 0;
  let problem: string | undefined;
  let disagreement: string | undefined;
  let claimedFailing = 0;
  let summaryTests: number | undefined;

  function enter(name: string, attributes: Readonly<Record<string, string>>): void {
    elements += 1;
    if (elements === 1 && !['testsuites', 'testsuite'].includes(name))
      problem = `is no JUnit report: its root is <${name.slice(0, 40)}>`;
    else if (name === 'testsuites' || name === 'testsuite') openSuite(name, attributes);
    else if (name === 'testcase') openCase(attributes);
    else if (['failure', 'error', 'skipped'].includes(name)) mark(name, attributes);
    else if (['flakyFailure', 'flakyError'].includes(name) && current !== undefined) current.flaky = true;
  }

  function openSuite(element: string, attributes: Readonly<Record<string, string>>): void {
    if (current !== undefined) problem = 'is no JUnit report: a suite stands inside a test case';
    const parent = open.at(-1);
    if (parent !== undefined) parent.children += 1;
    const numbers = ['tests', 'failures', 'errors', 'skipped', 'disabled'].map(
      (key) => [key, declared(attributes[key])] as const,
    );
    const wrong = numbers.find(([, value]) => Number.isNaN(value));
    if (wrong !== undefined)
      problem = `declares no number of ${wrong[0]}: ${JSON.stringify(attributes[wrong[0]]?.slice(0, 40))}`;
    const [tests, failures = 0, errors = 0] = numbers.map(([, value]) => value);
    const name = shortened(attributes['name'] ?? element);
    open.push({
      name,
      declaredTests: tests,
      declaredFailing: failures + errors,
      children: 0,
      directCases: 0,
      cases: 0,
      failing: 0,
      excused: 0,
    });
  }

  function openCase(attributes: Readonly<Record<string, string>>): void {
    if (current !== undefined) problem = 'is no JUnit report: a test case stands inside another';
    const suite = open.at(-1);
    if (suite !== undefined) {
      suite.children += 1;
      suite.directCases += 1;
    }
    const { name = 'a test without a name', classname = '', status = '' } = attributes;
    const skipped = /^(?:disabled|notrun|skipped|ignored)$/i.test(status);
    const title = classname === '' || classname === 'test' ? name : `${classname} › ${name}`;
    current = { name: shortened(title), outcome: skipped ? 'skipped' : 'passed', flaky: false };
  }

  function mark(element: string, attributes: Readonly<Record<string, string>>): void {
    if (current === undefined)
      return element === 'skipped' ? undefined : fail(element, `${open.at(-1)?.name ?? ''} (outside any test)`);
    if (current.outcome === 'todo') return;
    if (element !== 'skipped') current.outcome = element === 'error' ? 'error' : 'failure';
    else if (attributes['type'] === 'todo') current.outcome = 'todo';
    else if (current.outcome === 'passed') current.outcome = 'skipped';
  }

  function fail(element: string, name: string): void {
    if (element === 'error') counts.errors += 1;
    else counts.failures += 1;
    if (failed.length < mostNames) failed.push(name);
    for (const suite of open) suite.failing += 1;
  }

  function leave(name: string): void {
    if (name === 'testcase' && current !== undefined) closeCase(current);
    else if (name === 'testsuite' || name === 'testsuites') closeSuite(open.pop());
  }

  function closeCase({ name, outcome, flaky: wasFlaky }: Case): void {
    counts.tests += 1;
    if (wasFlaky && outcome === 'passed') {
      flakyCount += 1;
      if (flaky.length < mostNames) flaky.push(name);
    }
    for (const suite of open) suite.cases += 1;
    if (outcome === 'skipped' || outcome === 'todo') counts.skipped += 1;
    if (outcome === 'todo') for (const suite of open) suite.excused += 1;
    if (outcome === 'failure' || outcome === 'error') fail(outcome, name);
    current = undefined;
  }

  function closeSuite(suite: Suite | undefined): void {
    if (suite === undefined) return;
    const { declaredTests, cases, directCases, children } = suite;
    if (declaredTests !== undefined && ![cases, directCases, children].includes(declaredTests)) {
      disagreement ??= `"${suite.name}" declares ${declaredTests} tests and holds ${cases}`;
    }
    const beyond = suite.declaredFailing - suite.failing - suite.excused;
    if (beyond > 0 && suite.failing === 0) claim(beyond, suite.name);
  }

  /** Enclosing suites declare the same failures again, so the largest claim stands for all. */
  function claim(failing: number, by: string): void {
    if (failing > claimedFailing && failed.length < mostNames)
      failed.push(`${by} (declares failures that no test shows)`);
    claimedFailing = Math.max(claimedFailing, failing);
  }

  /** `node --test` ends with comments such as `fail 1`, `cancelled 0`; only there does it tell of a parent test that failed by itself. */
  function comment(text: string): void {
    const [, word, digits] = /^\s*(tests|fail|cancelled) (\d{1,9})\s*$/.exec(text) ?? [];
    if (open.length !== 1 || digits === undefined) return;
    if (word === 'tests') summaryTests = Number(digits);
    else if (Number(digits) > 0 && counts.failures + counts.errors === 0) claim(Number(digits), 'the summary');
  }

  function result(): Tallied {
    const seen = counts.failures + counts.errors;
    const total = { ...counts, failures: seen === 0 ? claimedFailing : counts.failures };
    if (summaryTests === 0 && counts.tests > 0) disagreement ??= 'its summary says that no test ran';
    return {
      counts: total,
      failed,
      flaky,
      flakyCount,
      disagreement: total.failures + total.errors > 0 ? undefined : disagreement,
    };
  }

  return { handlers: { open: enter, close: leave, comment }, problem: () => problem, result };
}

/** `undefined` when nothing is declared, NaN when it is no count. Some tools write an empty attribute for none. */
function declared(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return undefined;
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
}

function shortened(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name;
}
