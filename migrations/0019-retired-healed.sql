-- What serves in an environment that was removed from the pipeline is looked after, too.
update environments set heal_due_at = 0 where retired and deployment_id is not null;
