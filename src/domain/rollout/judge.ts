/** What the counts of a rollout say about the new release. One function, for whoever decides, shows or recomputes it. */
import { plus, type Instant } from '../base/time.ts';
import { quantileMs, type Histogram } from '../observation/histogram.ts';
import { sumOf, trafficBetween, type Traffic } from '../observation/sample.ts';
import type { AnalysisSpec, JudgedMetric } from '../pipeline/rollout-spec.ts';
import type { MetricAnalysis } from '../verdict/analysis.ts';
import {
  compare,
  freshComparison,
  observe,
  rateOf,
  type ComparedMetric,
  type Comparison,
} from '../verdict/comparison.ts';
import { analyseMetrics } from './metrics.ts';
import { isExposed, type Reading, type Rollout } from './rollout.ts';

export interface Judgement {
  readonly says: 'worse' | 'fine' | 'no-data';
  readonly because: string;
  /** What would have decided if it were not a dry run. */
  readonly ignored: readonly string[];
}

/** What was counted between two readings; the part of the new release is absent while it warms up. */
export interface Span {
  readonly ofNew: Traffic;
  readonly ofStable: Traffic;
  /** Of the new release while it warmed up; for people to see. */
  readonly unjudged?: Traffic;
  /** Only in the first: response times of the stable release from before, by class of route. */
  readonly known?: Readonly<Record<string, Histogram>>;
}

/** The rollout with what was counted since the last reading, and what that was. */
export function measure(
  rollout: Rollout,
  reading: Reading,
  now: Instant,
): { readonly rollout: Rollout; readonly span: Span } {
  const before = rollout.reading;
  if (before === undefined) {
    const span = { ofNew: {}, ofStable: {}, known: knownFrom(reading) };
    return { rollout: { ...rollout, reading, comparison: withSpan(rollout.comparison, span) }, span };
  }
  const counted = spanBetween(before, reading);
  const reached = sumOf(counted.ofNew).requests > 0;
  const firstRequestAt = rollout.firstRequestAt ?? (reached ? now : undefined);
  const warm = isWarm({ ...rollout, firstRequestAt }, now);
  const span = warm || !reached ? counted : { ...counted, ofNew: {}, unjudged: counted.ofNew };
  const comparison = withSpan(rollout.comparison, span);
  return { rollout: { ...rollout, reading, firstRequestAt, comparison }, span };
}

/** Response times of the stable release from before the rollout only say what counts as slow; they are not compared. */
function knownFrom({ ofStable }: Reading): Readonly<Record<string, Histogram>> {
  return Object.fromEntries(Object.entries(ofStable).map(([name, { latency }]) => [name, latency]));
}

/** One function for whoever counts and whoever counts again: in the same order, it comes to the same. */
export function withSpan(comparison: Comparison, span: Span): Comparison {
  return span.known === undefined ? observe(comparison, span) : { ...freshComparison, stableLatency: span.known };
}

/** A process that began to count anew has counted all of it since the last reading. */
function spanBetween(before: Reading, after: Reading): Span {
  if (before.counter !== after.counter) return { ofNew: after.ofNew, ofStable: after.ofStable };
  return {
    ofNew: trafficBetween(before.ofNew, after.ofNew),
    ofStable: trafficBetween(before.ofStable, after.ofStable),
  };
}

function isWarm(rollout: Pick<Rollout, 'analysis' | 'firstRequestAt'>, now: Instant): boolean {
  const until = warmAt(rollout);
  return until !== undefined && now >= until;
}

/** When its warm-up ends; `undefined` before it began. */
export function warmAt({
  analysis,
  firstRequestAt,
}: Pick<Rollout, 'analysis' | 'firstRequestAt'>): Instant | undefined {
  if (firstRequestAt === undefined) return undefined;
  return analysis === 'none' ? firstRequestAt : plus(firstRequestAt, analysis.warmUp);
}

export interface RolloutVerdict extends Judgement {
  readonly metrics: readonly MetricAnalysis[];
}

/**
 * What the counts and the metrics say together; `undefined` where nothing is judged. A failure of either dominates, then what nobody
 * can tell. At the end of the last step that leads users to it, every metric must have come to its successes.
 */
export function verdictOf(rollout: Rollout, atEnd: boolean): RolloutVerdict | undefined {
  const { analysis } = rollout;
  if (analysis === 'none') return undefined;
  const counts = judgeCounts(rollout);
  if (counts === undefined && rollout.ledAt === undefined) return undefined;
  const metrics = analyseMetrics(rollout, atEnd && isLastJudged(rollout));
  const ignored = [
    ...(counts?.ignored ?? []),
    ...metrics.filter(({ dryRun, says }) => dryRun && says === 'failure').map(told),
  ];
  const said = (word: MetricAnalysis['says']) => metrics.filter(({ dryRun, says }) => !dryRun && says === word);
  const together = (says: Judgement['says'], found: readonly MetricAnalysis[]): RolloutVerdict => {
    const byCounts = counts?.says === says ? [counts.because] : [];
    return { says, because: [...byCounts, ...found.map(told)].join('; '), ignored, metrics };
  };
  if (counts?.says === 'worse' || said('failure').length > 0) return together('worse', said('failure'));
  if (counts?.says === 'no-data' || said('inconclusive').length > 0) return together('no-data', said('inconclusive'));
  return together('fine', []);
}

/** What the counts say alone; `undefined` where they are not judged. */
export function judgeCounts(rollout: Rollout): Judgement | undefined {
  const { analysis, comparison } = rollout;
  return analysis !== 'none' && isExposed(rollout) ? judge(comparison, analysis) : undefined;
}

function told({ name, because }: MetricAnalysis): string {
  return `${name}: ${because}`;
}

/** No later step leads users to it: what is to be known before all of them are must be known now. */
export function isLastJudged({ steps, at }: Rollout): boolean {
  return !steps.slice(at + 1).some(({ step }) => step === 'weight' || step === 'group' || step === 'replace');
}

/** The chance of calling a release safe whose errors are doubled. It is told to people; no step waits for it. */
const beta = 0.05;

export function judge(comparison: Comparison, spec: AnalysisSpec): Judgement {
  const compared = compare(comparison, { alpha: spec.alpha, beta, minimumRequests: spec.minRequests });
  const blamed = compared.says === 'worse' ? [...new Set(compared.metrics.map(metricOf))] : [];
  const found = [
    ...(compared.says === 'worse' ? [{ metrics: blamed, because: compared.because }] : []),
    ...beyondLimits(comparison, spec),
  ];
  const deciding = found.filter(({ metrics }) => metrics.some((metric) => !spec.dryRun.includes(metric)));
  const ignored = found.filter((one) => !deciding.includes(one)).map(({ because }) => because);
  if (deciding.length > 0)
    return { says: 'worse', because: deciding.map(({ because }) => because).join('; '), ignored };
  const { ofNew, ofStable } = comparison;
  const few = Math.min(ofNew.requests, ofStable.requests) < spec.minRequests;
  const counts = `${ofNew.requests} requests of the new release, ${ofStable.requests} of the stable one`;
  if (few) return { says: 'no-data', because: `${counts}; ${spec.minRequests} of each are asked for`, ignored };
  return { says: 'fine', because: compared.says === 'worse' ? counts : compared.because, ignored };
}

function metricOf(metric: ComparedMetric): JudgedMetric {
  return metric === 'slow' || metric === 'slowest' ? 'latency' : metric;
}

/** Limits for the new release alone, once it has had requests enough. */
function beyondLimits(
  { ofNew }: Comparison,
  { errorRate, clientErrorRate, p95, p99, minRequests }: AnalysisSpec,
): readonly { readonly metrics: readonly JudgedMetric[]; readonly because: string }[] {
  if (ofNew.requests < minRequests) return [];
  const rate = ofNew.failures / ofNew.requests;
  const slow = (
    [
      [0.95, p95],
      [0.99, p99],
    ] as const
  ).flatMap(([quantile, limit]) => {
    const time = quantileMs(ofNew.latency, quantile);
    if (limit === undefined || time === undefined || time <= limit) return [];
    const because = `the p${quantile * 100} of the new release is ${Math.round(time)} ms, its limit is ${limit} ms`;
    return [{ metrics: ['latency'] as const, because }];
  });
  const beyond = (metric: 'errors' | 'clientErrors', is: number | undefined, limit: number | undefined) => {
    if (is === undefined || limit === undefined || is <= limit) return [];
    const what = metric === 'errors' ? 'failed' : 'were answered with 4xx';
    return [
      {
        metrics: [metric] as const,
        because: `${percent(is)} of its requests ${what}, its limit is ${percent(limit)}`,
      },
    ];
  };
  return [...beyond('errors', rate, errorRate), ...slow, ...beyond('clientErrors', rateOf(ofNew), clientErrorRate)];
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
