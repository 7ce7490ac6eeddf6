-- What was put back belongs to the promotion that had brought it; the one whose abort put it back is named apart.
alter table deployments add column undone_promotion_id text references promotions;
update deployments set undone_promotion_id = promotion_id where cause = 'restore';
create index deployments_undone on deployments (undone_promotion_id) where undone_promotion_id is not null;

-- Who asked that what runs in a retired environment be stopped; gone when it was, or when the environment is back.
alter table environments add column stop_request jsonb;
