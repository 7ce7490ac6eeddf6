/** What the store keeps of rollouts. */
import type { EnvironmentId, PromotionId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { Rollout } from '../domain/rollout/rollout.ts';
import type { Look } from '../domain/rollout/series.ts';

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

export interface RolloutTables {
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
    recordLook(promotion: PromotionId, look: Look): Promise<void>;
    /** Oldest first, those after `after` only. */
    looks(promotion: PromotionId, page: { after: Instant; limit: number }): Promise<readonly Look[]>;
    /** Of rollouts that are over. */
    forgetMeasurements(before: Instant): Promise<void>;
  };
}
