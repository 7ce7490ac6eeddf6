-- Machines and tools whose signatures on evidence are believed. A null for the projects means every project.
create table evidence_signers (
  id text primary key,
  name text not null,
  key_id text not null unique,
  public_key text not null,
  kinds jsonb not null,
  projects jsonb,
  added_by text not null,
  added_at bigint not null,
  expires_at bigint,
  revoked_by text,
  revoked_at bigint,
  revoke_reason text
);
create unique index evidence_signers_name on evidence_signers (name) where revoked_at is null;

-- Public halves of the keys with which installations sign; the private halves lie in their homes.
create table installation_keys (
  key_id text primary key,
  public_key text not null,
  added_at bigint not null
);

-- Evidence about an artifact: attested or claimed, expiring, its content stored under its own digest.
alter table evidence
  alter column environment_id drop not null,
  -- The order of recording: the latest counts, whatever a clock said.
  add column seq bigint generated always as identity unique,
  add column git_commit text,
  add column standing text not null default 'attested' check (standing in ('attested', 'claimed')),
  add column by text not null default 'system:engine',
  add column format text,
  add column content text,
  add column envelope text,
  add column signer_id text references evidence_signers,
  add column details jsonb,
  add column expires_at bigint,
  -- SHA-256 of the signed payload: the same statement is recorded once for a release, so that an old one cannot be played again.
  add column payload text,
  add constraint evidence_kind check (kind in
    ('tests', 'command', 'readiness', 'scan', 'audit', 'sbom', 'load', 'review', 'sign-off', 'notes', 'plan', 'build'));
alter table evidence alter column standing drop default, alter column by drop default;
update evidence set details = jsonb_build_object('of', 'tests', 'counts', counts, 'failed', '[]'::jsonb, 'flaky', '[]'::jsonb)
  where counts is not null;
alter table evidence drop column counts;
create index evidence_latest on evidence (release_id, kind, name, environment_id, seq desc);
create unique index evidence_payload on evidence (release_id, payload) where payload is not null;
