-- R19: where commits are to come from, when that is part of what a second person is asked.
alter table pipeline_proposals add column source_url text;
