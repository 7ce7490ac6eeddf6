-- So that a person tells sessions apart: by which browser, and when last used.
alter table sessions add column browser text;
alter table sessions add column last_used_at bigint;
create index sessions_live on sessions (person_id) where ended_at is null;
