-- What was put back belongs to the promotion that had brought it; the one whose abort put it back is named apart.
alter table deployments add column undone_promotion_id text references promotions;
update deployments set undone_promotion_id = promotion_id where cause = 'restore';
create index deployments_undone on deployments (undone_promotion_id) where undone_promotion_id is not null;

-- Who asked that what runs in a retired environment be stopped; gone when it was, or when the environment is back.
alter table environments add column stop_request jsonb;

-- Since when the schedules of an environment are what they are, and the last of their times that was looked at.
alter table environments add column schedule_since bigint not null default 0;
alter table environments add column schedule_seen bigint not null default 0;
update environments set schedule_since = (extract(epoch from now()) * 1000)::bigint;

-- Refs that did not move, but that a trigger of a newer revision waits for.
create table refs_to_look_at (
  project_id text not null references projects,
  ref text not null,
  commit_id text not null,
  primary key (project_id, ref)
);

-- Secrets of webhooks are derived from a key outside the database; the digest tells whether it is still the same key.
create table webhooks (
  id text primary key,
  project_id text not null references projects,
  provider text not null,
  secret_digest text not null,
  created_by text not null,
  created_at bigint not null,
  ends_at bigint,
  last_delivery_at bigint
);
create index webhooks_project on webhooks (project_id);
create table webhook_deliveries (
  webhook_id text not null references webhooks,
  name text not null,
  at bigint not null,
  primary key (webhook_id, name)
);
create index webhook_deliveries_age on webhook_deliveries (at);

-- The address with its credentials, readable only with a key outside the database; source_url is then without them.
alter table projects add column source_sealed text;
