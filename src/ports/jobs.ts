import type { BuildId, EnvironmentId, PromotionId, ReleaseId } from '../domain/base/id.ts';
import type { CheckId } from './gate-records.ts';
import type { ReplicaId } from '../domain/base/id.ts';

/**
 * Durable calls of engine verbs. A job is a wake-up, not a place for state: the verb reads what is
 * stored, does what is due and may run again after a crash.
 */
export type Job =
  | { readonly kind: 'build'; readonly build: BuildId }
  | { readonly kind: 'deploy'; readonly promotion: PromotionId; readonly environment: EnvironmentId }
  | {
      readonly kind: 'verify';
      readonly environment: EnvironmentId;
      readonly release: ReleaseId;
      readonly request: string;
    }
  | { readonly kind: 'check'; readonly check: CheckId }
  | { readonly kind: 'measure'; readonly promotion: PromotionId; readonly metric: string; readonly turn: number };

/** Enqueues inside the caller's transaction: the job exists exactly when the transaction commits. */
export type Enqueue = (job: Job, options?: { attempt?: number }) => Promise<void>;

export interface Jobs {
  /**
   * Starts working: each job goes to its handler, at most `concurrency` at once, one at a time per environment. A handler
   * that returns has done its work; one that throws a failure that may pass is called again; one that throws after `signal`
   * has aborted leaves the job to another replica.
   */
  start(handle: (job: Job, signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Looks for such work now, any work when no kind is named, instead of at the next poll; call after a transaction that enqueued has committed. */
  kick(kind?: Job['kind']): void;
  /** Replicas that have begun jobs whose end is not recorded. */
  owners(): Promise<readonly ReplicaId[]>;
  /** Gives the jobs of a replica that is gone back to the queue. */
  reclaim(replica: ReplicaId): Promise<void>;
  stop(): Promise<void>;
}
