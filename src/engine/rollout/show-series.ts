/** The course of a rollout for people: what was counted and measured over time, in as many points as they can look at. */
import type { PromotionId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { Json } from '../../domain/base/digest.ts';
import type { MetricSpec } from '../../domain/pipeline/metric-spec.ts';
import { metricsOf } from '../../domain/rollout/metrics.ts';
import type { Rollout } from '../../domain/rollout/rollout.ts';
import { emptySeries, withLooks, type Series, type SeriesPoint } from '../../domain/rollout/series.ts';
import { evidenceOf } from '../../domain/verdict/comparison.ts';
import type { EventFeed, RecordedEvent } from '../../ports/events.ts';
import type { MeasuredTurn } from '../../ports/rollouts.ts';
import type { Transaction } from '../../ports/store.ts';
import { findRollout } from '../find.ts';
import { measurementView } from './metric-views.ts';
import type { RolloutSeriesView } from './rollout-views.ts';
import { limitsView, sideView } from './show-rollout.ts';
import type { World } from '../world.ts';

/** Looks that are read at once. */
const page = 2_000;
/** And for one answer: more than a day of them. */
const mostLooks = 100_000;
/** Steps and pauses of one rollout; a person who pauses it a hundred times sees the newest of them. */
const mostEvents = 200;

export async function showSeries(
  world: World,
  feed: EventFeed,
  asked: { project: string | undefined; environment: string; points: number; after?: number | undefined },
): Promise<RolloutSeriesView> {
  const { environment, row, promotion, measured } = await world.store.transaction(async (tx) => {
    const found = await findRollout(tx, asked);
    return { ...found, measured: await newestTurns(tx, found.row.rollout, asked.points) };
  });
  const { rollout, startedAt } = row;
  const begin = (asked.after === undefined ? startedAt : Math.max(startedAt, asked.after)) as Instant;
  const { series, more } = await read(world, rollout.promotion, emptySeries(begin, asked.points));
  const events = await feed.tail({ promotion: rollout.promotion }, mostEvents);
  return {
    environment: environment.spec.name,
    promotion: rollout.promotion,
    release: { id: promotion.promotion.release, number: promotion.releaseNumber },
    running: promotion.promotion.progress.state === 'running',
    startedAt,
    points: series.points.map(pointView),
    happened: events.filter(({ kind }) => kind.startsWith('rollout.')).map(happening),
    metrics: measured.map(({ spec, turns }) => ({
      name: spec.name,
      success: spec.success?.text ?? null,
      dryRun: spec.dryRun,
      measurements: turns.flatMap((turn) => measurementView(spec, turn) ?? []).filter(({ at }) => at > begin),
    })),
    limits: limitsView(rollout),
    evidenceLimits: evidenceLimits(rollout),
    more,
    at: world.clock.now(),
  };
}

async function newestTurns(tx: Transaction, rollout: Rollout, limit: number) {
  const found: { spec: MetricSpec; turns: readonly MeasuredTurn[] }[] = [];
  for (const spec of metricsOf(rollout)) {
    const key = { promotion: rollout.promotion, metric: spec.name };
    found.push({ spec, turns: await tx.rolloutMetrics.newest(key, limit) });
  }
  return found;
}

async function read(
  world: World,
  promotion: PromotionId,
  empty: Series,
): Promise<{ readonly series: Series; readonly more: boolean }> {
  let series = empty;
  for (let looks = 0; looks < mostLooks; looks += page) {
    const after = series.points.at(-1)?.at ?? empty.begin;
    const found = await world.store.transaction((tx) => tx.rollouts.looks(promotion, { after, limit: page }));
    series = withLooks(series, found);
    if (found.length < page) return { series, more: false };
  }
  return { series, more: true };
}

function pointView(point: SeriesPoint): RolloutSeriesView['points'][number] {
  const { from, at, weight, step, evidence, ofNew, ofStable, unjudged } = point;
  return {
    from,
    at,
    percent: weight === undefined ? null : weight / 100,
    step: step === undefined ? null : step + 1,
    ofNew: sideView(ofNew),
    ofStable: sideView(ofStable),
    unjudged: unjudged.requests,
    evidence: evidence ?? null,
  };
}

function happening({ at, kind, actor, data }: RecordedEvent): RolloutSeriesView['happened'][number] {
  const words = [data['what'], data['because'], data['how']].filter((word): word is string => isText(word));
  return { at, kind, what: words.join(': '), by: actor };
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function evidenceLimits({ analysis, comparison }: Rollout): RolloutSeriesView['evidenceLimits'] {
  if (analysis === 'none') return null;
  const limit = Object.fromEntries(evidenceOf(comparison, analysis.alpha).map((one) => [one.metric, one.limit]));
  const { errors, slow, slowest, clientErrors } = limit;
  return { errors: errors!, slow: slow!, slowest: slowest!, clientErrors: clientErrors ?? null };
}
