-- Who decided, by what means, and what exactly was decided; a decision that was taken back stays on record.
alter table approvals
  drop constraint approvals_environment_id_release_id_plan_hash_actor_key,
  add column means text not null default 'terminal' check (means in ('terminal', 'passkey', 'system')),
  -- Canonical JSON of what was decided (src/domain/promotion/statement.ts); null for what the engine decides.
  add column statement text,
  -- The passkey's signature over the SHA-256 of the statement, as the browser answered it.
  add column signature jsonb,
  add column withdrawn_at bigint,
  add column withdrawn_reason text;
create unique index approvals_standing on approvals (environment_id, release_id, plan_hash, actor) where withdrawn_at is null;

-- R23: when people were first asked about the plan that would be carried out now.
alter table promotions add column asked_plan text, add column asked_at bigint;

-- R22: who had a hand in the commits between two releases. What lies between two commits never changes.
create table contributions (
  project_id text not null references projects,
  -- '' for the first deployment: from the first commit that was ever built.
  from_commit text not null,
  to_commit text not null,
  -- Null while the repository could not be read; `problem` says why.
  contributors jsonb,
  commits integer not null default 0,
  complete boolean not null default true,
  problem text,
  failures integer not null default 0,
  -- R16, R42: when it is tried again; null once it is known.
  look_again_at bigint,
  primary key (project_id, from_commit, to_commit)
);

create table passkeys (
  id text primary key,
  person_id text not null references people,
  name text not null,
  credential_id text not null unique,
  public_key text not null,
  counter bigint not null,
  transports text[] not null,
  created_at bigint not null,
  last_used_at bigint,
  removed_at bigint
);
create index passkeys_person on passkeys (person_id) where removed_at is null;

-- What a passkey is asked to sign. Each is used once, and soon.
create table passkey_challenges (
  id text primary key,
  person_id text not null references people,
  purpose text not null check (purpose in ('enrol', 'decide')),
  -- Base64url, as the browser gets it; for `decide` the SHA-256 of the statement.
  challenge text not null,
  statement text,
  -- Where the browser saw us; it signs that as well.
  origin text not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint
);

-- R25: two people pass named gates for one release in one environment, until it expires or was used.
create table break_glasses (
  id text primary key,
  project_id text not null references projects,
  environment_id text not null references environments,
  release_id text not null references releases,
  gates text[] not null,
  reason text not null,
  incident text not null,
  requested_by text not null,
  requested_at bigint not null,
  expires_at bigint not null,
  confirmed_by text,
  confirmed_at bigint,
  -- The promotion that passed a gate by it; no other may.
  promotion_id text references promotions,
  used_at bigint,
  check (confirmed_by is null or confirmed_by <> requested_by)
);
create index break_glasses_environment on break_glasses (environment_id, release_id);

-- What has to be looked at after an emergency. While one is overdue, production takes no ordinary promotion.
create table follow_ups (
  id text primary key,
  project_id text not null references projects,
  break_glass_id text not null references break_glasses,
  opened_at bigint not null,
  due_at bigint not null,
  closed_by text,
  closed_at bigint,
  conclusion text
);
create index follow_ups_open on follow_ups (project_id, due_at) where closed_at is null;

-- R27: what a freeze does not stop, as a list that is shown.
alter table freezes add column exempt text[] not null default '{rollback,break-glass}';
