-- A release taking over from another step by step. It waits as a row: due_at says when it is looked at again, and is null once it is over.
create table rollouts (
  promotion_id text primary key references promotions,
  environment_id text not null references environments,
  rollout jsonb not null,
  -- Changes with every change of the rollout: whoever read an older one writes nothing.
  version integer not null,
  waiting jsonb,
  due_at bigint,
  -- How often it was looked at; numbers the jobs that follow from it.
  looks integer not null default 0,
  started_at bigint not null
);
create index rollouts_due on rollouts (due_at) where due_at is not null;
create index rollouts_environment on rollouts (environment_id, started_at);

-- What was counted between two looks: from these the verdict can be computed again.
create table rollout_measurements (
  promotion_id text not null references rollouts,
  at bigint not null,
  span jsonb not null,
  primary key (promotion_id, at)
);
