/**
 * What many measurements of one metric say together. Failed, inconclusive and impossible measurements are limited apart from
 * each other, because they mean different things: the release is bad, nobody can tell, the meter is broken.
 *
 * A limit is the number that is tolerated: with a limit of 2 the third failure decides. There is one function for it.
 */
import type { MetricLimits } from '../pipeline/metric-spec.ts';

export const measurementWords = ['success', 'failure', 'inconclusive', 'error'] as const;
export type MeasurementWord = (typeof measurementWords)[number];

export interface MetricRule {
  readonly name: string;
  readonly limits: MetricLimits;
  /** Measured and shown, but never decides. */
  readonly dryRun: boolean;
}

export type AnalysisWord = 'success' | 'failure' | 'inconclusive' | 'running';

export interface MetricAnalysis {
  readonly name: string;
  readonly says: AnalysisWord;
  readonly because: string;
  readonly dryRun: boolean;
}

/** `ended`: no more measurements will come. A metric that ended early without reaching its successes is not one. */
export function analyse(rule: MetricRule, measured: readonly MeasurementWord[], ended: boolean): MetricAnalysis {
  const { limits } = rule;
  const count = (word: MeasurementWord) => measured.filter((said) => said === word).length;
  const answer = (says: AnalysisWord, because: string) => ({ name: rule.name, dryRun: rule.dryRun, says, because });
  const [failures, inconclusives, successes] = [count('failure'), count('inconclusive'), count('success')];
  if (failures > limits.failures) return answer('failure', `${failures} failures, ${limits.failures} are tolerated`);
  const errors = longestRun(measured);
  if (errors > limits.consecutiveErrors)
    return answer(
      'inconclusive',
      `could not be measured ${errors} times in a row, ${limits.consecutiveErrors} are tolerated`,
    );
  if (inconclusives > limits.inconclusives)
    return answer('inconclusive', `${inconclusives} inconclusive measurements, ${limits.inconclusives} are tolerated`);
  if (!ended) return answer('running', `${successes} of ${limits.successes} successes so far`);
  if (successes < Math.max(1, limits.successes))
    return answer('inconclusive', `ended with ${successes} of ${Math.max(1, limits.successes)} successes`);
  return answer('success', `${successes} successes`);
}

function longestRun(measured: readonly MeasurementWord[]): number {
  let longest = 0;
  let run = 0;
  for (const said of measured) {
    run = said === 'error' ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
