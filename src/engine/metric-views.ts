/** The metrics of a rollout as people see them: the number against its limit, when it was measured, and when it is again. */
import { limitOf } from '../domain/pipeline/condition.ts';
import type { MetricSpec } from '../domain/pipeline/metric-spec.ts';
import { analyseMetrics, metricsOf, nextTurnAt } from '../domain/rollout/metrics.ts';
import { isOver, type Rollout } from '../domain/rollout/rollout.ts';
import type { MeasuredTurn } from '../ports/rollouts.ts';
import type { MeasurementView, RolloutMetricView } from './rollout-views.ts';

export function metricViews(rollout: Rollout, turns: readonly MeasuredTurn[]): readonly RolloutMetricView[] {
  const over = isOver(rollout);
  const said = analyseMetrics(rollout, turns, over);
  return metricsOf(rollout).map((spec, index) => {
    const mine = turns.filter(({ metric }) => metric === spec.name);
    const open = mine.find(({ measured }) => measured === undefined);
    const last = mine.findLast(({ measured }) => measured !== undefined);
    const count = (word: string) => mine.filter(({ says }) => says === word).length;
    const { says, because } = said[index]!;
    return {
      name: spec.name,
      from: spec.source.from,
      success: spec.success?.text ?? null,
      inconclusive: spec.inconclusive?.text ?? null,
      dryRun: spec.dryRun,
      says,
      because,
      counts: {
        success: count('success'),
        failure: count('failure'),
        inconclusive: count('inconclusive'),
        error: count('error'),
      },
      limits: spec.limits,
      last: last === undefined ? null : measurementView(spec, last),
      measuring: over ? null : (open?.dueAt ?? null),
      nextAt: open === undefined ? (nextTurnAt(rollout, spec, turns) ?? null) : null,
    };
  });
}

export function measurementView(spec: MetricSpec, { measured }: MeasuredTurn): MeasurementView | null {
  if (measured === undefined) return null;
  const { at, says, because, reading } = measured;
  const value = 'value' in reading ? reading.value : null;
  const beside = 'value' in reading ? reading.stable : undefined;
  const stable = beside !== undefined && 'value' in beside ? beside.value : null;
  const limit = spec.success === undefined ? undefined : limitOf(spec.success, stable ?? undefined);
  return { at, says, because, value, stable, limit: limit ?? null };
}
