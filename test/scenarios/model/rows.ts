/** Rows of the real tables as far as the model reads them; absent is `null`. */
import type { EnvironmentId } from '../../../src/domain/base/id.ts';
import type { Answers } from '../../../src/domain/gate/all.ts';

export interface PromotionRow {
  readonly id: string;
  readonly environment_id: string;
  readonly kind: 'promotion' | 'rollback';
  readonly state: 'waiting' | 'running' | 'ended';
  readonly phase: string | null;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly stop: { readonly cause: string } | null;
  readonly ended_at: number | null;
  readonly answers: Answers | null;
  readonly ask_again_at: number | null;
  /** Of its environment. */
  readonly queue: 'latest' | 'queue' | 'manual';
  readonly due_at: number | null;
  readonly lease_promotion_id: string | null;
}

export interface EnvironmentRow {
  readonly id: EnvironmentId;
  readonly name: string;
  readonly hold: object | null;
  readonly pin: { readonly release: string } | null;
  readonly lease_id: string | null;
  /** The release that runs. */
  readonly running: string | null;
  /** State of the promotion that the lease is for. */
  readonly lease_state: string | null;
}

export interface VerificationRow {
  readonly environment_id: string;
  readonly release_id: string;
  readonly verdict: string;
}
