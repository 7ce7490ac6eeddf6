-- Times are milliseconds since 1970-01-01T00:00Z. Names of states are those of docs/glossary.md.

create table projects (
  id text primary key,
  name text not null unique,
  source_url text not null,
  revision_id text,
  last_release_number integer not null default 0,
  poll_due_at bigint not null default 0,
  poll_failures integer not null default 0,
  poll_error text,
  created_at bigint not null
);

-- R19: a pipeline in force is a recorded revision; rows are never changed.
create table pipeline_revisions (
  id text primary key,
  project_id text not null references projects,
  digest text not null,
  pipeline jsonb not null,
  source_text text not null,
  applied_by text not null,
  applied_at bigint not null
);

create table environments (
  id text primary key,
  project_id text not null references projects,
  name text not null,
  position integer not null,
  retired boolean not null default false,
  spec jsonb not null,
  port integer,
  deployment_id text,
  hold jsonb,
  pin jsonb,
  -- R7: at most one run holds the right to deploy here.
  lease_id text,
  lease_promotion_id text,
  lease_holder text,
  lease_expires_at bigint,
  -- R42: when the environment will be looked at again.
  due_at bigint,
  verify_due_at bigint,
  heal_due_at bigint,
  unique (project_id, name)
);
create unique index environments_port on environments (port) where port is not null;
create index environments_due on environments (due_at) where due_at is not null;

-- What was seen of branches and tags, by our own clock.
create table ref_tips (
  project_id text not null references projects,
  ref text not null,
  commit_id text not null,
  seen_at bigint not null,
  primary key (project_id, ref)
);
create table ref_log (
  id bigint generated always as identity primary key,
  project_id text not null references projects,
  ref text not null,
  old_commit text,
  new_commit text,
  fast_forward boolean,
  seen_at bigint not null
);
create table ref_sightings (
  project_id text not null references projects,
  commit_id text not null,
  ref text not null,
  seen_at bigint not null,
  primary key (project_id, commit_id, ref)
);

-- One build for each commit, ever.
create table builds (
  id text primary key,
  project_id text not null references projects,
  commit_id text not null,
  number integer not null,
  state text not null check (state in ('waiting', 'running', 'built', 'failed', 'errored')),
  attempt integer not null default 1,
  release_id text,
  reason text,
  title text not null,
  author text not null,
  created_at bigint not null,
  started_at bigint,
  ended_at bigint,
  -- The worker that is at it.
  owner text,
  -- Moved on while a worker is at it; standing still means that nobody is.
  touched_at bigint not null,
  unique (project_id, commit_id),
  unique (project_id, number)
);
create index builds_unfinished on builds (created_at) where state in ('waiting', 'running');

create table releases (
  id text primary key,
  project_id text not null references projects,
  number integer not null,
  commit_id text not null,
  artifact text not null,
  artifact_bytes bigint not null,
  content jsonb not null,
  created_at bigint not null,
  unique (project_id, commit_id),
  unique (project_id, number)
);

create table promotions (
  id text primary key,
  seq bigint generated always as identity unique,
  project_id text not null references projects,
  environment_id text not null references environments,
  release_id text not null references releases,
  kind text not null check (kind in ('promotion', 'rollback')),
  trigger_key text,
  origin jsonb not null,
  state text not null check (state in ('waiting', 'running', 'ended')),
  phase text,
  -- The lease it runs under; the environment's row says who holds it.
  lease_id text,
  outcome text,
  reason text,
  stop jsonb,
  superseded_by text,
  rolled_back_by text,
  plan_hash text,
  answers jsonb,
  ask_again_at bigint,
  attempt integer not null default 0,
  requested_at bigint not null,
  started_at bigint,
  switched_at bigint,
  ended_at bigint,
  check ((state = 'ended') = (outcome is not null))
);
-- R11: one event, one promotion.
create unique index promotions_event on promotions (environment_id, release_id, trigger_key) where trigger_key is not null;
create index promotions_open on promotions (environment_id, seq) where state <> 'ended';
create index promotions_history on promotions (environment_id, release_id, seq desc);
create index promotions_schedule on promotions (environment_id, seq desc) where trigger_key like 'schedule:%';
-- R7, held by the database as well.
create unique index promotions_one_running on promotions (environment_id) where state = 'running';

-- What ran where, and when; `snapshot` is how it was started (never a secret's value).
create table deployments (
  id text primary key,
  environment_id text not null references environments,
  release_id text not null references releases,
  promotion_id text not null references promotions,
  cause text not null check (cause in ('promotion', 'restore', 'heal')),
  snapshot jsonb not null,
  created_at bigint not null,
  occupied_from bigint,
  occupied_until bigint,
  -- R4: since when this release has been here without another one in between, restarts by us included.
  release_since bigint
);
create index deployments_occupancy on deployments (environment_id, release_id, occupied_from desc nulls last);
create index deployments_history on deployments (environment_id, occupied_from desc nulls last, created_at desc);
create index deployments_promotion on deployments (promotion_id);

-- R3: the latest verdict for each release and environment; the history is in `evidence` and `events`.
create table verifications (
  environment_id text not null references environments,
  release_id text not null references releases,
  number integer not null,
  id text not null,
  verdict text not null check (verdict in ('PASS', 'FAIL', 'INCONCLUSIVE')),
  at bigint not null,
  since bigint not null,
  reason text not null,
  primary key (environment_id, release_id)
);
create index verifications_passed on verifications (environment_id, number desc) where verdict = 'PASS';

create table evidence (
  id text primary key,
  release_id text not null references releases,
  artifact text not null,
  environment_id text not null references environments,
  promotion_id text,
  kind text not null,
  name text not null,
  verdict text not null check (verdict in ('PASS', 'FAIL', 'INCONCLUSIVE')),
  summary text not null,
  counts jsonb,
  at bigint not null,
  milliseconds integer not null,
  run text
);
create index evidence_release on evidence (release_id, environment_id, at);

create table verification_requests (
  id text primary key,
  environment_id text not null references environments,
  release_id text not null references releases,
  requested_by text not null,
  requested_at bigint not null,
  state text not null check (state in ('waiting', 'ended')),
  verdict text,
  reason text,
  ended_at bigint,
  touched_at bigint not null
);
create unique index verification_requests_open on verification_requests (environment_id) where state = 'waiting';

create table approvals (
  id text primary key,
  environment_id text not null references environments,
  release_id text not null references releases,
  plan_hash text not null,
  actor text not null,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  at bigint not null,
  unique (environment_id, release_id, plan_hash, actor)
);

create table vetoes (
  id text primary key,
  release_id text not null references releases,
  environment_id text references environments,
  by text not null,
  reason text not null,
  at bigint not null,
  lifted_by text,
  lifted_at bigint
);
create index vetoes_active on vetoes (release_id) where lifted_at is null;

create table freezes (
  id text primary key,
  project_id text references projects,
  environment_id text references environments,
  by text not null,
  reason text not null,
  from_at bigint not null,
  until_at bigint,
  lifted_by text,
  lifted_at bigint
);
create index freezes_active on freezes (from_at) where lifted_at is null;

-- R41: the event log is the audit log. `xid` orders readers safely: see src/adapters/postgres/events.ts.
create table events (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  at bigint not null,
  kind text not null,
  actor text not null,
  project_id text,
  environment_id text,
  release_id text,
  promotion_id text,
  data jsonb not null
);
create index events_order on events (xid, seq);
create index events_promotion on events (promotion_id, seq) where promotion_id is not null;
create index events_project on events (project_id, xid, seq);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the event log is append-only: % is refused', tg_op using errcode = 'integrity_constraint_violation';
end $$;
create trigger events_append_only before update or delete on events for each row execute function refuse_change();
create trigger events_no_truncate before truncate on events for each statement execute function refuse_change();

create table idempotency_keys (
  key text not null,
  actor text not null,
  request_digest text not null,
  status integer not null,
  body jsonb not null,
  at bigint not null,
  primary key (actor, key)
);

-- Who is alive: a beat, and an advisory lock that the server frees when the connection dies.
create table replicas (
  id text primary key,
  lock_key bigint not null,
  roles text not null,
  version text not null,
  started_at bigint not null,
  beat_at bigint not null,
  gone_at bigint,
  reclaimed_at bigint
);
create index replicas_present on replicas (beat_at) where reclaimed_at is null;
