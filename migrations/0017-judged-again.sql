-- What was judged under other keys, roles or rules than those of now is found by these two, however much was judged before.
create index judgements_standing on judgements (project_id, class, standing, policy);
-- What rests on a commit of main: the commits that continue it.
create index judgements_parent on judgements (project_id, (found->'parents'->>0)) where class = 'staging';
