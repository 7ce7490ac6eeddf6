/** The metrics of a rollout: when one is to be measured again, and what all of them say together. */
import { plus, type Duration, type Instant } from '../base/time.ts';
import type { MetricSpec } from '../pipeline/metric-spec.ts';
import { analyse, type MetricAnalysis } from '../verdict/analysis.ts';
import { isOver, type Rollout } from './rollout.ts';
import { tallyOf, type Turn } from './tally.ts';

type Measured = Pick<Rollout, 'analysis' | 'ledAt' | 'metricsFrom' | 'state' | 'tallies'>;

export function metricsOf({ analysis }: Pick<Rollout, 'analysis'>): readonly MetricSpec[] {
  return analysis === 'none' ? [] : (analysis.metrics ?? []);
}

/**
 * What is to be measured now. A turn that nobody came to in time is left out, so that a meter that was away is not asked ten
 * times at once; one that is still being measured (`open`) is waited for.
 */
export function dueTurns(
  rollout: Measured,
  open: readonly Pick<Turn, 'metric'>[],
  now: Instant,
): readonly Omit<Turn, 'says'>[] {
  const { ledAt } = rollout;
  if (ledAt === undefined || isOver(rollout)) return [];
  return metricsOf(rollout).flatMap(({ name, delay, every }) => {
    const first = plus(ledAt, delay);
    if (now < first || open.some(({ metric }) => metric === name)) return [];
    const turn = Math.floor((now - first) / every);
    if (tallyOf(rollout, name).turn >= turn) return [];
    return [{ metric: name, turn, dueAt: plus(first, (turn * every) as Duration) }];
  });
}

/** When a metric that is not being measured is measured next; `undefined` before anybody is led to the release, and once it is over. */
export function nextTurnAt(rollout: Measured, metric: MetricSpec): Instant | undefined {
  const { ledAt } = rollout;
  if (ledAt === undefined || isOver(rollout)) return undefined;
  return plus(ledAt, (metric.delay + (tallyOf(rollout, metric.name).turn + 1) * metric.every) as Duration);
}

/** What each metric says; `ended` when it must have come to its successes by now. */
export function analyseMetrics(rollout: Measured, ended: boolean): readonly MetricAnalysis[] {
  return metricsOf(rollout).map((spec) => analyse(spec, tallyOf(rollout, spec.name).counted, ended));
}

/**
 * When every metric that decides could have come to its successes, had each measurement been one; `undefined` when waiting for
 * them is of no use, because nobody can tell any more.
 */
export function enoughTurnsAt(rollout: Measured): Instant | undefined {
  const { ledAt, metricsFrom } = rollout;
  const hopeless = analyseMetrics(rollout, false).some(({ dryRun, says }) => !dryRun && says === 'inconclusive');
  if (ledAt === undefined || hopeless) return undefined;
  const times = metricsOf(rollout)
    .filter(({ dryRun }) => !dryRun)
    .map(({ delay, every, timeout, limits }) => {
      const begin = Math.max(plus(ledAt, delay), metricsFrom === undefined ? 0 : metricsFrom + every);
      return begin + Math.max(0, limits.successes - 1) * every + timeout;
    });
  return times.length === 0 ? undefined : (Math.max(...times) as Instant);
}
