/** What several results say together (R20). */
import type { VerdictWord } from '../release/evidence.ts';
import type { TestCounts } from '../release/evidence-details.ts';

/** FAIL dominates, then INCONCLUSIVE; nothing at all is INCONCLUSIVE, because missing is not PASS. */
export function combine(verdicts: readonly VerdictWord[]): VerdictWord {
  if (verdicts.includes('FAIL')) return 'FAIL';
  if (verdicts.length === 0 || verdicts.includes('INCONCLUSIVE')) return 'INCONCLUSIVE';
  return 'PASS';
}

export interface Result {
  readonly verdict: VerdictWord;
  readonly summary: string;
}

/** A command without a report: only its exit code speaks. */
export function judgeExit(exitCode: number | null, cause: string): Result {
  if (exitCode === 0) return { verdict: 'PASS', summary: 'exited with 0' };
  if (exitCode !== null) return { verdict: 'FAIL', summary: `exited with ${exitCode}` };
  return { verdict: 'INCONCLUSIVE', summary: `did not finish: ${cause}` };
}

/** More skipped ones than this share of all leave too much untried. */
const highestSkippedShare = 0.5;

/** What a test report says by itself. Zero executed tests is not a pass. */
export function judgeTests(counts: TestCounts): Result {
  const executed = counts.tests - counts.skipped;
  const said = `${counts.tests} tests, ${counts.failures} failed, ${counts.errors} errors, ${counts.skipped} skipped`;
  if (counts.failures + counts.errors > 0) return { verdict: 'FAIL', summary: said };
  if (executed <= 0) return { verdict: 'INCONCLUSIVE', summary: `${said}: no test was executed` };
  if (counts.skipped > counts.tests * highestSkippedShare)
    return { verdict: 'INCONCLUSIVE', summary: `${said}: more than half were skipped` };
  return { verdict: 'PASS', summary: said };
}

/**
 * A report together with the exit code of the command that wrote it, `null` when it did not end by itself. A report of
 * success from a command that failed is no success. `found`: the report lists something, for which tools that look for
 * problems exit with a code of their own; such a tool that could not look has not judged the release either.
 */
export function judgeReport(
  said: Result,
  exitCode: number | null,
  tool: { searches: boolean; found: boolean },
): Result {
  const { verdict, summary } = said;
  if (verdict === 'FAIL' || exitCode === 0) return said;
  if (exitCode === null) return { verdict: 'INCONCLUSIVE', summary: `${summary}, but the command did not finish` };
  if (tool.searches && (tool.found || verdict === 'INCONCLUSIVE')) return said;
  const contradicted = `${summary}, but the command exited with ${exitCode}`;
  return { verdict: tool.searches ? 'INCONCLUSIVE' : 'FAIL', summary: contradicted };
}
