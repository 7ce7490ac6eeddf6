/** What the store keeps of channels and of what is told to them. */
import type { AuditedEvent } from '../domain/audit/leaf.ts';
import type { ChannelId, DeliveryId, EnvironmentId, NotificationId, ProjectId, ReplicaId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { AttemptOutcome } from '../domain/notification/attempt.ts';
import type { Channel } from '../domain/notification/channel.ts';
import type { Severity } from '../domain/notification/severity.ts';

export interface StoredNotification {
  readonly id: NotificationId;
  /** `seq` of the event that it tells. */
  readonly event: number;
  readonly project: ProjectId | undefined;
  readonly environment: EnvironmentId | undefined;
  readonly kind: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly at: Instant;
  readonly deciders: readonly string[];
  readonly group: string | undefined;
  readonly foldedInto: NotificationId | undefined;
}

export interface Delivery {
  readonly id: DeliveryId;
  readonly notification: NotificationId;
  readonly channel: ChannelId;
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly round: number;
  /** Of this round, begun ones included. */
  readonly attempts: number;
  readonly dueAt: Instant;
  /** Somebody is at it. Of no meaning when that replica is gone. */
  readonly claim: { readonly by: ReplicaId; readonly until: Instant } | undefined;
  /** Why the last attempt did not deliver it. */
  readonly because: string | undefined;
  readonly changedAt: Instant;
}

export interface Attempt {
  readonly round: number;
  readonly number: number;
  readonly begunAt: Instant;
  /** Absent while it is under way. */
  readonly endedAt: Instant | undefined;
  /** `lost`: its worker was gone before it could say what came of it. */
  readonly outcome: AttemptOutcome['outcome'] | 'lost' | undefined;
  /** HTTP status or exit code. */
  readonly status: number | undefined;
  readonly because: string | undefined;
  readonly nextAt: Instant | undefined;
}

export interface NotificationFilter {
  readonly projects?: readonly ProjectId[];
  readonly channel?: ChannelId;
  readonly state?: Delivery['state'];
  readonly limit: number;
}

export interface NotificationTables {
  readonly channels: {
    /** False when the name is taken. */
    insert(channel: Channel): Promise<boolean>;
    get(id: ChannelId): Promise<Channel | undefined>;
    byName(name: string): Promise<Channel | undefined>;
    /** All that were not removed, in the order of their names. */
    list(): Promise<readonly Channel[]>;
    disable(id: ChannelId, at: Instant, because: string): Promise<void>;
    /** What still waits for it is given up. */
    remove(id: ChannelId, at: Instant): Promise<void>;
  };
  readonly notifications: {
    /** Where the event log is to be read on. */
    place(): Promise<string>;
    /** False when another has read on from there. */
    advance(from: string, to: string): Promise<boolean>;
    /** False when the event has its notification. */
    insert(notification: StoredNotification): Promise<boolean>;
    get(id: NotificationId): Promise<StoredNotification | undefined>;
    list(filter: NotificationFilter): Promise<readonly StoredNotification[]>;
    /** The last one of the group that was not folded itself. */
    lastOf(group: string): Promise<StoredNotification | undefined>;
    /** How many were folded into the one of the same kind before this one in its group. */
    foldedBefore(notification: StoredNotification): Promise<number>;
    /** The event as the audit log knows it, with the name of that log. */
    eventOf(notification: StoredNotification): Promise<{ event: AuditedEvent; source: string } | undefined>;
    /** Those that are over, and older. */
    forget(before: Instant): Promise<void>;
  };
  readonly deliveries: {
    insert(delivery: Delivery): Promise<void>;
    of(notification: NotificationId): Promise<readonly Delivery[]>;
    ofMany(notifications: readonly NotificationId[]): Promise<readonly Delivery[]>;
    lock(id: DeliveryId): Promise<Delivery | undefined>;
    /** Due ones, locked, one for each channel that nobody delivers to at the moment; rows that another replica holds are left out. */
    due(now: Instant, limit: number): Promise<readonly Delivery[]>;
    update(delivery: Delivery): Promise<void>;
    begin(delivery: DeliveryId, attempt: Attempt): Promise<void>;
    finish(delivery: DeliveryId, attempt: Attempt): Promise<void>;
    attempts(delivery: DeliveryId): Promise<readonly Attempt[]>;
    /** Dead ones of channels that are in use, by channel. */
    dead(): Promise<readonly { readonly channel: ChannelId; readonly count: number }[]>;
  };
}
