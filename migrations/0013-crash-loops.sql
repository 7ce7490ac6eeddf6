-- Of which release it was told that its service dies again and again, and when: so that it is told once.
alter table environments
  add column looping_release text,
  add column looping_told_at bigint;
