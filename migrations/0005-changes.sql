-- What gates look at beside evidence, and the record of what changed production.

-- A question to the world outside (the repository, the forge, a command, a webhook), asked once for each subject.
create table gate_checks (
  id text primary key,
  environment_id text not null references environments,
  release_id text not null references releases,
  promotion_id text references promotions,
  kind text not null check (kind in ('commits', 'forge', 'custom')),
  name text not null,
  -- Another subject is another question: a range of commits, a promotion and its plan.
  subject text not null,
  state text not null check (state in ('asking', 'answered', 'failed')),
  -- How often it was asked; part of the key of a command, so that none runs twice for one attempt.
  attempt integer not null default 1,
  answer text check (answer in ('open', 'waiting', 'closed')),
  because text not null default '',
  data jsonb,
  asked_at bigint not null,
  answered_at bigint,
  -- When it is asked (again); null: the answer stands, or a job is at it.
  due_at bigint,
  touched_at bigint not null,
  unique (environment_id, release_id, kind, name, subject)
);
create index gate_checks_due on gate_checks (due_at) where due_at is not null;
create index gate_checks_asking on gate_checks (touched_at) where state = 'asking';

-- One person's word on one commit; the latest of each person counts. What the forge knows lies in its check.
create table reviews (
  id text primary key,
  project_id text not null references projects,
  commit_id text not null,
  decision text not null check (decision in ('approve', 'request-changes')),
  by text not null,
  reason text not null,
  at bigint not null
);
create index reviews_commit on reviews (project_id, commit_id, at);

-- Findings that somebody answers for, for a time.
create table suppressions (
  id text primary key,
  project_id text not null references projects,
  finding text not null,
  owner text not null,
  reason text not null,
  until_at bigint not null,
  at bigint not null,
  lifted_by text,
  lifted_at bigint
);
create index suppressions_project on suppressions (project_id, finding) where lifted_at is null;

create table release_notes (
  environment_id text not null references environments,
  release_id text not null references releases,
  body text not null,
  digest text not null,
  source text not null check (source in ('generated', 'written')),
  -- Of generated notes: what ran when they were made.
  base_release_id text references releases,
  by text not null,
  at bigint not null,
  accepted_by text,
  accepted_at bigint,
  primary key (environment_id, release_id)
);

create table plan_acceptances (
  id text primary key,
  environment_id text not null references environments,
  release_id text not null references releases,
  plan_hash text not null,
  -- What was shown to whoever accepted it.
  document jsonb not null,
  by text not null,
  reason text not null,
  at bigint not null,
  unique (environment_id, release_id, plan_hash)
);

-- R19: a revision that weakens something waits here until a second person has seen it.
create table pipeline_proposals (
  id text primary key,
  project_id text not null references projects,
  -- The revision it was compared with; when another one is in force, it is void.
  base_revision_id text not null references pipeline_revisions,
  digest text not null,
  pipeline jsonb not null,
  source_text text not null,
  weakenings jsonb not null,
  proposed_by text not null,
  proposed_at bigint not null,
  state text not null check (state in ('proposed', 'approved', 'rejected', 'void')),
  decided_by text,
  decided_at bigint,
  reason text
);
create unique index pipeline_proposals_open on pipeline_proposals (project_id) where state = 'proposed';

-- The change record of a promotion into production, as it stood when the promotion started. How it ended is in `promotions`.
create table changes (
  promotion_id text primary key references promotions,
  project_id text not null references projects,
  number integer not null,
  document jsonb not null,
  opened_at bigint not null,
  unique (project_id, number)
);
