/** What the store keeps of rollouts. */
import type { EnvironmentId, PromotionId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { RecordedVerdict } from '../domain/rollout/recompute.ts';
import type { Rollout } from '../domain/rollout/rollout.ts';
import type { Look } from '../domain/rollout/series.ts';
import type { Turn } from '../domain/rollout/tally.ts';
import type { MeasurementWord } from '../domain/verdict/analysis.ts';
import type { MetricReading } from '../domain/verdict/metric.ts';

export interface RolloutRow {
  readonly environment: EnvironmentId;
  readonly rollout: Rollout;
  readonly version: number;
  /** R42: what it waits for; absent while a worker is at it, and when it is over. */
  readonly waiting: RolloutWaiting | undefined;
  readonly dueAt: Instant | undefined;
  readonly looks: number;
  readonly startedAt: Instant;
}

export interface RolloutWaiting {
  readonly for: 'time' | 'data' | 'person';
  readonly because: string;
  readonly since: Instant;
  readonly until: Instant | undefined;
}

/** One measurement of a metric. */
export interface MeasuredTurn extends Turn {
  readonly measured: Measured | undefined;
}

export interface Measured {
  readonly at: Instant;
  readonly reading: MetricReading;
  readonly says: MeasurementWord;
  readonly because: string;
}

export interface TurnKey {
  readonly promotion: PromotionId;
  readonly metric: string;
  readonly turn: number;
}

export interface RolloutTables {
  readonly rolloutMetrics: {
    /** False when that turn was begun before: a metric is measured once for it, whoever asks. */
    begin(turn: TurnKey & { readonly dueAt: Instant }, at: Instant): Promise<boolean>;
    /**
     * Those that came after the turns given by metric, −1 for all; of each metric in their order. At most `limit` of each, so fewer
     * than `limit` in all are all that there are.
     */
    after(
      promotion: PromotionId,
      turns: Readonly<Record<string, number>>,
      limit: number,
    ): Promise<readonly MeasuredTurn[]>;
    /** Measured ones, oldest first; at most the newest `limit`. */
    newest(of: Pick<TurnKey, 'promotion' | 'metric'>, limit: number): Promise<readonly MeasuredTurn[]>;
    /** `undefined` once it is measured. */
    open(key: TurnKey): Promise<Pick<Turn, 'dueAt'> | undefined>;
    touch(key: TurnKey, at: Instant): Promise<void>;
    /** False when somebody else was faster. */
    finish(key: TurnKey, measured: Measured): Promise<boolean>;
    /** Being measured, and not touched since. */
    stalled(before: Instant): Promise<readonly TurnKey[]>;
  };
  readonly rolloutVerdicts: {
    record(promotion: PromotionId, verdict: RecordedVerdict): Promise<void>;
    /** Oldest first. */
    of(promotion: PromotionId): Promise<readonly RecordedVerdict[]>;
  };
  readonly rollouts: {
    insert(row: Omit<RolloutRow, 'version' | 'looks'>): Promise<void>;
    get(promotion: PromotionId): Promise<RolloutRow | undefined>;
    /** Locks the row. */
    lock(promotion: PromotionId): Promise<RolloutRow | undefined>;
    /** The latest of an environment, ended or not. */
    latest(environment: EnvironmentId): Promise<RolloutRow | undefined>;
    /** False, and nothing is changed, when the row is no longer of this version. */
    update(row: Omit<RolloutRow, 'looks' | 'startedAt' | 'environment'>): Promise<boolean>;
    /** Those that are to be looked at, each for one replica: it looks again at `until` should this one not come to it. */
    claimDue(now: Instant, claim: { until: Instant; limit: number }): Promise<readonly RolloutRow[]>;
    /** Counts a look that a person asks for; the number of looks so far, `undefined` when there is no such rollout. */
    wake(promotion: PromotionId, at: Instant): Promise<number | undefined>;
    /** Their time tells looks apart and puts them in order: one that is not later than the one before is kept 1 ms after it. Answers when. */
    recordLook(promotion: PromotionId, look: Look): Promise<Instant>;
    /** Oldest first, those after `after` only. */
    looks(promotion: PromotionId, page: { after: Instant; limit: number }): Promise<readonly Look[]>;
    /** What was counted and measured of rollouts that are over; what was decided stays. */
    forgetMeasurements(before: Instant): Promise<void>;
  };
}
