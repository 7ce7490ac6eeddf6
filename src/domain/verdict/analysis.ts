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

/** What measurements said, as far as it decides: one more changes it, and none has to be kept for it. */
export interface Counted {
  readonly success: number;
  readonly failure: number;
  readonly inconclusive: number;
  /** The longest run of measurements that could not be made, and the one that the last measurement ends. */
  readonly errors: { readonly longest: number; readonly last: number };
}

export const nothingCounted: Counted = { success: 0, failure: 0, inconclusive: 0, errors: { longest: 0, last: 0 } };

export function counting(counted: Counted, said: MeasurementWord): Counted {
  const { longest } = counted.errors;
  if (said !== 'error') return { ...counted, [said]: counted[said] + 1, errors: { longest, last: 0 } };
  const last = counted.errors.last + 1;
  return { ...counted, errors: { longest: Math.max(longest, last), last } };
}

/** `ended`: no more measurements will come. A metric that ended early without reaching its successes is not one. */
export function analyse(rule: MetricRule, counted: Counted, ended: boolean): MetricAnalysis {
  const { limits } = rule;
  const answer = (says: AnalysisWord, because: string) => ({ name: rule.name, dryRun: rule.dryRun, says, because });
  const { success: successes, failure: failures, inconclusive: inconclusives } = counted;
  if (failures > limits.failures) return answer('failure', `${failures} failures, ${limits.failures} are tolerated`);
  const errors = counted.errors.longest;
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
