import type { ProjectId, PromotionId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { NewEvent } from './records.ts';

/** Reading the event log (R41) in an order in which no event appears behind one that was already read. */
export interface EventFeed {
  /**
   * Events after the cursor, oldest first; from the beginning without one. An event is answered once everything
   * that was being written before it has committed or rolled back, so that a reader who remembers the last cursor skips nothing.
   * @throws Failure `input/invalid` for a cursor that is not one.
   */
  read(from: EventFilter & { readonly after?: string; readonly limit: number }): Promise<readonly RecordedEvent[]>;
  /**
   * The newest `limit` events, or those before a cursor, oldest first.
   * @throws Failure `input/invalid` for a cursor that is not one.
   */
  tail(filter: EventFilter & { readonly before?: string }, limit: number): Promise<readonly RecordedEvent[]>;
}

export interface EventFilter {
  readonly project?: ProjectId;
  /** Only events of one of these; events of no project are left out. */
  readonly projects?: readonly ProjectId[];
  readonly promotion?: PromotionId;
  /** A kind, or the noun before its dot: all kinds of that noun. */
  readonly kind?: string;
  readonly actor?: string;
  /** Name of an environment, of whatever project. */
  readonly environment?: string;
  /** Number of a release. */
  readonly release?: number;
  /** From this time on, by the clock of whoever wrote it. */
  readonly since?: Instant;
  /** Before this time. */
  readonly until?: Instant;
}

export interface RecordedEvent extends NewEvent {
  readonly seq: number;
  /** Opaque; the place in the log after which reading goes on. */
  readonly cursor: string;
}
