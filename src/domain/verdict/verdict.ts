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

/**
 * A test report together with the exit code of the command that wrote it. Zero executed tests is not
 * a pass, and neither is a report of success from a command that failed.
 */
export function judgeTests(counts: TestCounts, exitCode: number | null): Result {
  const executed = counts.tests - counts.skipped;
  const said = `${counts.tests} tests, ${counts.failures} failed, ${counts.errors} errors, ${counts.skipped} skipped`;
  if (counts.failures + counts.errors > 0) return { verdict: 'FAIL', summary: said };
  if (exitCode === null) return { verdict: 'INCONCLUSIVE', summary: `${said}, but the command did not finish` };
  if (exitCode !== 0) return { verdict: 'FAIL', summary: `${said}, but the command exited with ${exitCode}` };
  if (executed <= 0) return { verdict: 'INCONCLUSIVE', summary: `${said}: no test was executed` };
  return { verdict: 'PASS', summary: said };
}
