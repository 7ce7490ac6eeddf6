-- Earlier deployments of the same release in the same way: one whose service still runs may go on serving instead of a new start.
alter table deployments add column continues text[] not null default '{}';
