/** What the engine answers about rollouts. */
import type { PromotionId, ReleaseId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { Strategy } from '../../domain/pipeline/rollout-spec.ts';
import type { Outcome } from '../../domain/promotion/promotion.ts';
import type { MetricLimits, MetricSource } from '../../domain/pipeline/metric-spec.ts';
import type { AnalysisWord, MeasurementWord } from '../../domain/verdict/analysis.ts';
import type { Judgement } from '../../domain/rollout/judge.ts';
import type { RecordedVerdict, Recomputed } from '../../domain/rollout/recompute.ts';
import type { RolloutState } from '../../domain/rollout/rollout.ts';
import type { ComparedMetric } from '../../domain/verdict/comparison.ts';

export interface RolloutBrief {
  readonly state: RolloutState['is'];
  /** Why it is paused, or why all requests went back. */
  readonly because: string | null;
  /** Of 100 requests; users of groups come on top. */
  readonly percent: number;
  readonly step: number;
  readonly of: number;
  readonly what: string | null;
  /** R42: null while a worker is at it, and when it is over. */
  readonly waiting: {
    readonly for: 'time' | 'data' | 'person';
    readonly because: string;
    readonly since: Instant;
    readonly until: Instant | null;
  } | null;
}

export interface RolloutSideView {
  readonly requests: number;
  readonly failures: number;
  readonly errorRate: number | null;
  /** Of the failures; null where nobody can tell. */
  readonly unanswered: number | null;
  readonly brokenOff: number | null;
  readonly clientErrors: number | null;
  readonly clientErrorRate: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface RolloutMetricView {
  readonly name: string;
  readonly from: MetricSource['from'];
  /** What the number must be, as it is written; null where the source says yes or no by itself. */
  readonly success: string | null;
  readonly inconclusive: string | null;
  readonly dryRun: boolean;
  readonly says: AnalysisWord;
  readonly because: string;
  readonly counts: Readonly<Record<MeasurementWord, number>>;
  readonly limits: MetricLimits;
  readonly last: MeasurementView | null;
  /** Being measured since it was due; null while it is not. */
  readonly measuring: Instant | null;
  readonly nextAt: Instant | null;
}

export interface MeasurementView {
  readonly at: Instant;
  readonly says: MeasurementWord;
  readonly because: string;
  readonly value: number | null;
  readonly stable: number | null;
  /** The number it is compared with. */
  readonly limit: number | null;
}

export interface RecomputedView extends Pick<Recomputed, 'inputs' | 'equal' | 'wrong'> {
  readonly environment: string;
  readonly promotion: PromotionId;
  readonly verdicts: readonly {
    readonly at: Instant;
    readonly step: number;
    readonly what: string | null;
    readonly decided: RecordedVerdict['decided'];
    readonly recorded: string | null;
    readonly computed: string | null;
    readonly equal: boolean;
  }[];
  readonly counts: { readonly recorded: CountsView; readonly computed: CountsView; readonly equal: boolean };
  readonly metrics: readonly {
    readonly name: string;
    readonly recorded: RolloutMetricView['counts'];
    readonly computed: RolloutMetricView['counts'];
    readonly equal: boolean;
  }[];
}

interface CountsView {
  readonly ofNew: Pick<RolloutSideView, 'requests' | 'failures' | 'clientErrors'>;
  readonly ofStable: Pick<RolloutSideView, 'requests' | 'failures' | 'clientErrors'>;
}

export interface RolloutSeriesView {
  readonly environment: string;
  readonly promotion: PromotionId;
  readonly release: { readonly id: ReleaseId; readonly number: number };
  readonly running: boolean;
  readonly startedAt: Instant;
  readonly points: readonly {
    readonly from: Instant;
    readonly at: Instant;
    readonly percent: number | null;
    readonly step: number | null;
    readonly ofNew: RolloutSideView;
    readonly ofStable: RolloutSideView;
    readonly unjudged: number;
    readonly evidence: Readonly<Record<ComparedMetric, number>> | null;
  }[];
  readonly happened: readonly {
    readonly at: Instant;
    readonly kind: string;
    readonly what: string;
    readonly by: string;
  }[];
  readonly metrics: readonly {
    readonly name: string;
    readonly success: string | null;
    readonly dryRun: boolean;
    readonly measurements: readonly MeasurementView[];
  }[];
  readonly limits: RolloutView['limits'];
  readonly evidenceLimits:
    | (Readonly<Record<Exclude<ComparedMetric, 'clientErrors'>, number>> & { readonly clientErrors: number | null })
    | null;
  readonly more: boolean;
  readonly at: Instant;
}

export interface RolloutView extends RolloutBrief {
  readonly environment: string;
  readonly promotion: PromotionId;
  readonly release: { readonly id: ReleaseId; readonly number: number };
  /** What it is compared with; null when it is over. */
  readonly stable: { readonly id: ReleaseId; readonly number: number } | null;
  readonly strategy: Strategy;
  readonly running: boolean;
  readonly outcome: Outcome | null;
  readonly groups: readonly string[];
  readonly shadow: boolean;
  readonly steps: readonly {
    readonly what: string;
    readonly lastsMs: number | null;
    readonly state: 'done' | 'current' | 'to-come';
  }[];
  readonly stepSince: Instant | null;
  readonly metrics: readonly RolloutMetricView[];
  readonly judgement:
    | (Judgement & {
        /** How much the counts speak against the new release, and from where on it is blamed. */
        readonly evidence: readonly { readonly metric: ComparedMetric; readonly is: number; readonly limit: number }[];
      })
    | null;
  readonly ofNew: RolloutSideView;
  readonly ofStable: RolloutSideView;
  readonly limits: {
    readonly errorRate: number | null;
    readonly clientErrorRate: number | null;
    readonly p95Ms: number | null;
    readonly p99Ms: number | null;
    readonly minRequests: number | null;
  };
  readonly startedAt: Instant;
  readonly at: Instant;
}
