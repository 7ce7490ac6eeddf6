-- Outgoing notifications: channels, and what is told to them. Secrets of channels are in the secret store; here are their names.

create table channels (
  id text primary key,
  -- Null: of the whole installation.
  project_id text references projects,
  name text not null,
  settings jsonb not null,
  routes jsonb not null,
  created_by text not null,
  created_at bigint not null,
  disabled_at bigint,
  disabled_because text,
  removed_at bigint
);
create unique index channels_name on channels (name) where removed_at is null;

-- One for each event that is worth telling. What it says is read from the event when it is sent, so that no text stands twice.
create table notifications (
  id text primary key,
  event_seq bigint not null unique,
  project_id text references projects,
  environment_id text references environments,
  kind text not null,
  severity text not null check (severity in ('info', 'warning', 'page')),
  summary text not null,
  at bigint not null,
  deciders text[] not null default '{}',
  -- What repeats has a group; a repetition within a while is counted with the one that was told.
  repeats_in text,
  folded_into text references notifications on delete cascade
);
create index notifications_group on notifications (repeats_in, at) where repeats_in is not null and folded_into is null;
create index notifications_folded on notifications (folded_into) where folded_into is not null;
create index notifications_project on notifications (project_id, id);
create index notifications_age on notifications (at);

create table notification_deliveries (
  id text primary key,
  notification_id text not null references notifications on delete cascade,
  channel_id text not null references channels,
  state text not null check (state in ('waiting', 'delivered', 'dead')),
  -- Redelivering begins a new round with all its attempts.
  round integer not null default 1,
  attempts integer not null default 0,
  due_at bigint not null,
  -- An attempt of this replica is under way; when nothing was recorded by then, or the replica is gone, it is made again.
  claimed_by text,
  claimed_until bigint,
  because text,
  changed_at bigint not null,
  unique (notification_id, channel_id)
);
create index notification_deliveries_due on notification_deliveries (channel_id, due_at) where state = 'waiting';
create index notification_deliveries_dead on notification_deliveries (channel_id) where state = 'dead';

create table notification_attempts (
  delivery_id text not null references notification_deliveries on delete cascade,
  round integer not null,
  number integer not null,
  begun_at bigint not null,
  ended_at bigint,
  outcome text check (outcome in ('delivered', 'failed', 'refused', 'gone', 'lost')),
  status integer,
  because text,
  -- When the next one is due.
  next_at bigint,
  primary key (delivery_id, round, number)
);

-- How far the event log was read. What happened before there could be channels is told to nobody.
create table notification_reader (
  one boolean primary key default true check (one),
  cursor text not null
);
insert into notification_reader (cursor)
select coalesce((select xid::text || '.' || seq from events order by xid desc, seq desc limit 1), '0.0');
