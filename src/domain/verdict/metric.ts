/** What one measurement of a metric says, from what its source answered. */
import { asksForStable, holds, limitOf } from '../pipeline/condition.ts';
import type { MetricSpec } from '../pipeline/metric-spec.ts';
import type { MeasurementWord } from './analysis.ts';

/** As the source answered; kept, so that the word can be computed again. */
export type MetricReading =
  | { readonly value: number; readonly stable?: SideReading }
  /** It said it by itself, or there was no number to be had: `inconclusive` without data, `error` when the meter is broken. */
  | { readonly says: MeasurementWord; readonly because: string };

/** The number of the stable release, where a condition asks for it. */
export type SideReading = { readonly value: number } | { readonly says: MeasurementWord; readonly because: string };

export interface MetricWord {
  readonly says: MeasurementWord;
  readonly because: string;
}

export function asksBoth({ success, inconclusive }: Pick<MetricSpec, 'success' | 'inconclusive'>): boolean {
  return asksForStable(success) || asksForStable(inconclusive);
}

export function wordOf(metric: MetricSpec, reading: MetricReading): MetricWord {
  if ('says' in reading) return { says: reading.says, because: reading.because };
  const { value, stable } = reading;
  if (!Number.isFinite(value)) return { says: 'inconclusive', because: `${value} is no number to judge by` };
  if (asksBoth(metric)) {
    if (stable === undefined) return { says: 'inconclusive', because: 'there is no number of the stable release' };
    if ('says' in stable)
      // The stable release cannot fail the new one.
      return { says: stable.says === 'error' ? 'error' : 'inconclusive', because: `stable release: ${stable.because}` };
    if (!Number.isFinite(stable.value))
      return { says: 'inconclusive', because: `${stable.value} of the stable release is no number to judge by` };
  }
  return judged(metric, value, stable === undefined || 'says' in stable ? undefined : stable.value);
}

function judged({ success, inconclusive }: MetricSpec, value: number, stable: number | undefined): MetricWord {
  if (success === undefined) return { says: 'error', because: 'nothing says what the number must be' };
  const beside = stable === undefined ? '' : `, the stable release ${shortNumber(stable)}`;
  const because = `${shortNumber(value)}${beside}`;
  if (holds(success, value, stable) === true) return { says: 'success', because };
  const limit = limitOf(success, stable);
  const wanted = `${because}; ${success.is} ${limit === undefined ? success.text : shortNumber(limit)} is asked for`;
  if (inconclusive !== undefined && holds(inconclusive, value, stable) === true)
    return { says: 'inconclusive', because: `${wanted}, ${inconclusive.text} tells nothing` };
  return { says: 'failure', because: wanted };
}

/** With as many digits as people read. */
function shortNumber(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}
