/** The tables of migrations/0010-rollouts.sql and 0015-measurements.sql. */
import type { ColumnType, Generated } from 'kysely';
import type { EnvironmentId, PromotionId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Span } from '../../../domain/rollout/judge.ts';
import type { RecordedVerdict } from '../../../domain/rollout/recompute.ts';
import type { Rollout } from '../../../domain/rollout/rollout.ts';
import type { MeasurementWord } from '../../../domain/verdict/analysis.ts';
import type { MetricReading } from '../../../domain/verdict/metric.ts';
import type { RolloutWaiting } from '../../../ports/rollouts.ts';

export interface RolloutDatabase {
  rollouts: {
    promotion_id: PromotionId;
    environment_id: EnvironmentId;
    rollout: ColumnType<Rollout, string, string>;
    version: number;
    waiting: ColumnType<RolloutWaiting | null, string | null, string | null>;
    due_at: Instant | null;
    looks: Generated<number>;
    started_at: Instant;
  };
  rollout_measurements: {
    promotion_id: PromotionId;
    at: Instant;
    span: ColumnType<Span, string, string>;
    weight: number | null;
    step: number | null;
    /** In the order of `comparedMetrics`; an older version wrote only the first three. */
    evidence: number[] | null;
  };
  rollout_metrics: {
    promotion_id: PromotionId;
    metric: string;
    turn: number;
    due_at: Instant;
    touched_at: Instant;
    at: Instant | null;
    reading: ColumnType<MetricReading | null, string | null, string>;
    says: MeasurementWord | null;
    because: string | null;
  };
  rollout_verdicts: {
    promotion_id: PromotionId;
    at: Instant;
    step: number;
    decided: RecordedVerdict['decided'];
    judgement: ColumnType<Omit<RecordedVerdict, 'at' | 'step' | 'decided'>, string, never>;
  };
}
