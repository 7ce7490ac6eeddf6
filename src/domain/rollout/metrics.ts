/** The metrics of a rollout: when one is to be measured again, and what all of them say together. */
import { plus, type Duration, type Instant } from '../base/time.ts';
import type { MetricSpec } from '../pipeline/metric-spec.ts';
import { analyse, type MeasurementWord, type MetricAnalysis } from '../verdict/analysis.ts';
import { isOver, type Rollout } from './rollout.ts';

/** One measurement of one metric; there is one at most for a turn. */
export interface Turn {
  readonly metric: string;
  /** Counted from the first time at which it was to be measured, in steps of `every`. */
  readonly turn: number;
  readonly dueAt: Instant;
  /** Absent while it is being measured. */
  readonly says: MeasurementWord | undefined;
}

type Measured = Pick<Rollout, 'analysis' | 'ledAt' | 'metricsFrom' | 'state'>;

export function metricsOf({ analysis }: Pick<Rollout, 'analysis'>): readonly MetricSpec[] {
  return analysis === 'none' ? [] : (analysis.metrics ?? []);
}

/**
 * What is to be measured now. A turn that nobody came to in time is left out, so that a meter that was away is not asked ten
 * times at once; one that is still being measured is waited for.
 */
export function dueTurns(rollout: Measured, turns: readonly Turn[], now: Instant): readonly Omit<Turn, 'says'>[] {
  const { ledAt } = rollout;
  if (ledAt === undefined || isOver(rollout)) return [];
  return metricsOf(rollout).flatMap(({ name, delay, every }) => {
    const mine = turns.filter(({ metric }) => metric === name);
    const first = plus(ledAt, delay);
    if (now < first || mine.some(({ says }) => says === undefined)) return [];
    const turn = Math.floor((now - first) / every);
    if (mine.some((one) => one.turn >= turn)) return [];
    return [{ metric: name, turn, dueAt: plus(first, (turn * every) as Duration) }];
  });
}

/** When a metric is measured next; `undefined` before anybody is led to the release, and once it is over. */
export function nextTurnAt(rollout: Measured, metric: MetricSpec, turns: readonly Turn[]): Instant | undefined {
  const { ledAt } = rollout;
  if (ledAt === undefined || isOver(rollout)) return undefined;
  const last = Math.max(-1, ...turns.filter((one) => one.metric === metric.name).map(({ turn }) => turn));
  return plus(ledAt, (metric.delay + (last + 1) * metric.every) as Duration);
}

/** What each metric says; `ended` when it must have come to its successes by now. */
export function analyseMetrics(rollout: Measured, turns: readonly Turn[], ended: boolean): readonly MetricAnalysis[] {
  return metricsOf(rollout).map((spec) => analyse(spec, wordsOf(rollout, spec, turns), ended));
}

/** A failure is not forgotten when a person goes on after nobody could tell; everything else begins again then. */
function wordsOf({ metricsFrom }: Measured, { name }: MetricSpec, turns: readonly Turn[]): readonly MeasurementWord[] {
  return turns
    .filter(({ metric }) => metric === name)
    .toSorted((left, right) => left.turn - right.turn)
    .flatMap(({ says, dueAt }) => {
      const forgotten = metricsFrom !== undefined && dueAt < metricsFrom && says !== 'failure';
      return says === undefined || forgotten ? [] : [says];
    });
}

/**
 * When every metric that decides could have come to its successes, had each measurement been one; `undefined` when waiting for
 * them is of no use, because nobody can tell any more.
 */
export function enoughTurnsAt(rollout: Measured, turns: readonly Turn[]): Instant | undefined {
  const { ledAt, metricsFrom } = rollout;
  const hopeless = analyseMetrics(rollout, turns, false).some(({ dryRun, says }) => !dryRun && says === 'inconclusive');
  if (ledAt === undefined || hopeless) return undefined;
  const times = metricsOf(rollout)
    .filter(({ dryRun }) => !dryRun)
    .map(({ delay, every, timeout, limits }) => {
      const begin = Math.max(plus(ledAt, delay), metricsFrom === undefined ? 0 : metricsFrom + every);
      return begin + Math.max(0, limits.successes - 1) * every + timeout;
    });
  return times.length === 0 ? undefined : (Math.max(...times) as Instant);
}
