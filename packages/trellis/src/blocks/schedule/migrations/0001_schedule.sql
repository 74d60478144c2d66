create table schedule (
  service text not null,
  name text not null,
  -- What its times are. Only instances that have the same fire it.
  spec text not null,
  next_tick timestamptz not null,
  last_tick timestamptz,
  -- The last tick's job, to know it again while it is unfinished.
  job text,
  running_since timestamptz,
  -- Times left out since the present run began.
  skipped int not null default 0,
  -- When an instance that has this spec last looked.
  seen_at timestamptz not null,
  primary key (service, name)
);

create table schedule_run (
  id bigint generated always as identity,
  service text not null,
  name text not null,
  tick timestamptz not null,
  by_hand boolean not null,
  at timestamptz not null,
  took_ms double precision not null,
  outcome text not null check (outcome in ('done', 'failed')),
  error text,
  skipped int not null,
  instance text not null,
  primary key (service, name, id)
);
