/** The audit log: the events in one order, as a Merkle tree whose state is signed from time to time. */
import type { Range } from '../domain/audit/proof.ts';
import type { NoteSigner } from '../domain/audit/note.ts';
import type { AuditedEvent, Salts } from '../domain/audit/leaf.ts';
import type { Instant } from '../domain/base/time.ts';
import type { PromotionId, ReleaseId } from '../domain/base/id.ts';

export interface AuditLog {
  /**
   * Appends settled events to the log together with checkpoints that cover them: when there are a hundred, or the last
   * checkpoint is a minute old. One at a time among all processes: when another is at it, nothing happens.
   * @throws Failure `audit/inconsistent` when the log is not a continuation of the one that was last signed here.
   */
  sequence(work: SequenceWork): Promise<Sequenced>;
  /** Where the log stands. */
  state(): Promise<AuditState>;
  /** Entries from `from` on, in order. */
  entries(asked: { from: number; limit: number }): Promise<readonly AuditEntry[]>;
  /** Entries about a release or a promotion, in order. */
  about(subject: AuditSubject, limit: number): Promise<readonly AuditEntry[]>;
  /** The entry of an event, by its id (`evt_…`) or its cursor in the event feed; `undefined` when it is not, or not yet, in the log. */
  entryOf(event: string): Promise<AuditEntry | undefined>;
  /** The root of each range of entries, for proofs. Ranges must begin where a perfect subtree of their size may. */
  roots(ranges: readonly Range[]): Promise<readonly Uint8Array[]>;
  /** Signed checkpoints of more than `after` entries, smallest first. */
  checkpoints(asked: { after: number; limit: number }): Promise<readonly string[]>;
  /** The newest checkpoint. */
  newest(): Promise<string | undefined>;
  /** Public keys that signed checkpoints of this log, in the order of their first use. */
  keys(): Promise<readonly string[]>;
}

export type AuditSubject = { readonly release: ReleaseId } | { readonly promotion: PromotionId };

export interface SequenceWork {
  readonly now: Instant;
  readonly signer: (origin: string) => NoteSigner;
  /** However few there are, and however young the last checkpoint is. */
  readonly atOnce?: true;
  /** The checkpoint that was last signed here, as a signed note. */
  readonly lastSigned: string | undefined;
}

export interface Sequenced {
  /** Entries that were appended. */
  readonly appended: number;
  /** The newest checkpoint that was signed. */
  readonly checkpoint: string | undefined;
  /** There is more to append already. */
  readonly more: boolean;
}

export interface AuditState {
  readonly origin: string;
  readonly size: number;
  /** Events that are settled and not in the log yet. */
  readonly waiting: number;
  /** Events that should be in the log and are not: somebody put them behind it. */
  readonly lost: number;
}

export interface AuditEntry {
  readonly index: number;
  readonly hash: Uint8Array;
  /** Absent when the event is gone. */
  readonly event:
    | { readonly leaf: string; readonly salts: Salts; readonly shown: AuditedEvent; readonly cursor: string }
    | undefined;
}
