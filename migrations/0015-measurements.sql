-- What it was counted under, and how much spoke against the new release after it: so that people can follow it without computing it again.
alter table rollout_measurements
  add column weight integer,
  add column step integer,
  add column evidence double precision[];

-- What a metric of the pipeline said, once for a turn; who is killed while he measures leaves a turn that another one ends.
create table rollout_metrics (
  promotion_id text not null references rollouts,
  metric text not null,
  turn integer not null,
  due_at bigint not null,
  touched_at bigint not null,
  -- Null while it is being measured.
  at bigint,
  reading jsonb,
  says text,
  because text,
  primary key (promotion_id, metric, turn)
);
create index rollout_metrics_open on rollout_metrics (touched_at) where at is null;

-- What was decided about a rollout and why; with what was counted and measured until then it can be computed again.
create table rollout_verdicts (
  promotion_id text not null references rollouts,
  at bigint not null,
  step integer not null,
  decided text not null,
  judgement jsonb not null,
  primary key (promotion_id, at, step)
);
