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
