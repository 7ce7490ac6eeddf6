/** The metrics of a rollout as people see them: the number against its limit, when it was measured, and when it is again. */
import { limitOf } from '../../domain/pipeline/condition.ts';
import type { MetricSpec } from '../../domain/pipeline/metric-spec.ts';
import { analyseMetrics, metricsOf, nextTurnAt } from '../../domain/rollout/metrics.ts';
import { isOver } from '../../domain/rollout/rollout.ts';
import { tallyOf } from '../../domain/rollout/tally.ts';
import type { MeasuredTurn } from '../../ports/rollouts.ts';
import type { Transaction } from '../../ports/store.ts';
import type { MeasuredRollout } from './measure.ts';
import type { MeasurementView, RolloutMetricView } from './rollout-views.ts';

export async function metricViews(
  tx: Transaction,
  { rollout, openTurns }: MeasuredRollout,
): Promise<readonly RolloutMetricView[]> {
  const over = isOver(rollout);
  const said = analyseMetrics(rollout, over);
  const views: RolloutMetricView[] = [];
  for (const [index, spec] of metricsOf(rollout).entries()) {
    const now = openTurns.find(({ metric }) => metric === spec.name);
    const [last] = await tx.rolloutMetrics.newest({ promotion: rollout.promotion, metric: spec.name }, 1);
    const { says, because } = said[index]!;
    views.push({
      name: spec.name,
      from: spec.source.from,
      success: spec.success?.text ?? null,
      inconclusive: spec.inconclusive?.text ?? null,
      dryRun: spec.dryRun,
      says,
      because,
      counts: tallyOf(rollout, spec.name).said,
      limits: spec.limits,
      last: last === undefined ? null : measurementView(spec, last),
      measuring: over ? null : (now?.dueAt ?? null),
      nextAt: now === undefined ? (nextTurnAt(rollout, spec) ?? null) : null,
    });
  }
  return views;
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
