-- How the instances of what serves have answered lately, and which of them were started again; nothing while all are well.
alter table environments add column ailing jsonb;
