-- Whose signature counts, what was seen of branches and tags, and what was judged of it.

-- A key belongs to one person or one platform, for ever: rows are never removed, and a revoked key is never added again.
create table signers (
  fingerprint text primary key,
  kind text not null check (kind in ('ssh', 'openpgp')),
  -- All that verifying needs of the key.
  material text not null,
  algorithm text not null,
  comment text not null,
  person_id text references people,
  platform text,
  added_by text not null,
  added_at bigint not null,
  expires_at bigint,
  revoked_by text,
  revoked_at bigint,
  revoked_reason text,
  check ((person_id is null) <> (platform is null)),
  check ((revoked_at is null) = (revoked_by is null))
);
create index signers_person on signers (person_id);

-- What a ref points at, which for an annotated tag is not the commit that it leads to.
alter table ref_tips add column object_id text;
update ref_tips set object_id = commit_id;
alter table ref_tips alter column object_id set not null;
alter table ref_log add column new_object text;
update ref_log set new_object = new_commit;
alter table ref_log add column first_look boolean not null default false;
create index ref_log_ref on ref_log (project_id, ref);

-- The ref on which a commit was first seen, by our clock. What was there at the first look is not listed.
create table first_seen (
  project_id text not null references projects,
  commit_id text not null,
  ref text not null,
  seen_at bigint not null,
  primary key (project_id, commit_id)
);

-- Main as far as it is verified. Another main branch is another line.
create table main_lines (
  project_id text not null references projects,
  ref text not null,
  -- Where its first parents begin, found at the first look.
  root text not null,
  -- History up to here is taken as it was found, by whom and when; what comes after it is judged.
  baseline text not null,
  baseline_by text not null,
  baseline_at bigint not null,
  -- The newest verified commit; the baseline before the first.
  verified text not null,
  -- Set while main does not continue what was seen of it, until a maintainer acknowledges that.
  rewound jsonb,
  primary key (project_id, ref)
);
create table verified_commits (
  project_id text not null references projects,
  commit_id text not null,
  how text not null check (how in ('baseline', 'acknowledged', 'accepted')),
  at bigint not null,
  primary key (project_id, commit_id)
);

-- Hosted merges: a maintainer's word for a commit that a platform made.
create table acceptances (
  id text primary key,
  project_id text not null references projects,
  commit_id text not null,
  tree_id text not null,
  person_id text not null references people,
  reason text not null,
  at bigint not null,
  unique (project_id, commit_id, person_id)
);

-- The standing judgement of each commit of main and each tag; how it came about is in the event log.
create table judgements (
  id text primary key,
  seq bigint generated always as identity unique,
  project_id text not null references projects,
  class text not null check (class in ('staging', 'production')),
  ref text not null,
  object_id text not null,
  commit_id text,
  -- What was found of the object, as far as it cannot change.
  found jsonb not null,
  mode text not null check (mode in ('strict', 'hosted')),
  accepted boolean not null,
  basis text,
  checks jsonb not null,
  fingerprint text,
  -- Hash of the signed bytes: the same bytes under another object id are no new event.
  payload text,
  registry_version integer not null,
  -- Changes with everything outside the object that may change the judgement.
  standing text not null,
  policy text not null,
  -- Of main: false when main has left it behind.
  on_main boolean not null default true,
  seen_at bigint not null,
  judged_at bigint not null,
  -- When it was accepted for the first time; orders the versions that were released.
  accepted_at bigint,
  unique (project_id, ref, object_id)
);
create index judgements_commit on judgements (project_id, commit_id);
create index judgements_payload on judgements (project_id, payload) where payload is not null;
create index judgements_signer on judgements (fingerprint) where fingerprint is not null;
