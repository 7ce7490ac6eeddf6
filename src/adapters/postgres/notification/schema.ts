/** The tables of migrations/0011-notifications.sql. */
import type { ColumnType } from 'kysely';
import type {
  ChannelId,
  DeliveryId,
  EnvironmentId,
  NotificationId,
  ProjectId,
  ReplicaId,
} from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Channel } from '../../../domain/notification/channel.ts';
import type { Severity } from '../../../domain/notification/severity.ts';
import type { Attempt, Delivery } from '../../../ports/notifications.ts';

/** Written as text, because `pg` would turn an array into a PostgreSQL array. */
type Jsonb<T> = ColumnType<T, string, string>;

export interface NotificationDatabase {
  channels: {
    id: ChannelId;
    project_id: ProjectId | null;
    name: string;
    settings: Jsonb<Channel['settings']>;
    routes: Jsonb<Channel['routes']>;
    created_by: string;
    created_at: Instant;
    disabled_at: Instant | null;
    disabled_because: string | null;
    removed_at: Instant | null;
  };
  notifications: {
    id: NotificationId;
    event_seq: number;
    project_id: ProjectId | null;
    environment_id: EnvironmentId | null;
    kind: string;
    severity: Severity;
    summary: string;
    at: Instant;
    deciders: readonly string[];
    repeats_in: string | null;
    folded_into: NotificationId | null;
  };
  notification_deliveries: {
    id: DeliveryId;
    notification_id: NotificationId;
    channel_id: ChannelId;
    state: Delivery['state'];
    round: number;
    attempts: number;
    due_at: Instant;
    claimed_by: ReplicaId | null;
    claimed_until: Instant | null;
    because: string | null;
    changed_at: Instant;
  };
  notification_attempts: {
    delivery_id: DeliveryId;
    round: number;
    number: number;
    begun_at: Instant;
    ended_at: Instant | null;
    outcome: NonNullable<Attempt['outcome']> | null;
    status: number | null;
    because: string | null;
    next_at: Instant | null;
  };
  notification_reader: { one: boolean; cursor: string };
}
