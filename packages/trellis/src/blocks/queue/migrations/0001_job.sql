-- Jobs that have not finished. Finished ones are kept apart, so that however many there are, this table stays small.
create type trellis.job_state as enum ('delayed', 'ready', 'running');

create table trellis.job (
  id uuid primary key,
  queue text not null,
  state trellis.job_state not null,
  priority smallint not null,
  payload text not null,
  unique_key text,
  -- The `traceparent` of what caused it.
  trace text,
  -- How often it was begun, and how often it was claimed: a claim that was given back unbegun is no attempt.
  attempts integer not null default 0,
  epoch integer not null default 0,
  -- Who has claimed it, while it runs. With `epoch` it tells a claim from every other.
  worker uuid,
  -- Somebody waits for its result, on whatever instance.
  awaited boolean not null default false,
  -- It is to end: its worker has been asked to.
  cancelled boolean not null default false,
  enqueued_at timestamptz not null default now(),
  -- Not before; since when it could start.
  run_at timestamptz not null,
  progress_done double precision,
  progress_of double precision,
  -- Of the last attempt that failed.
  error text
) with (
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_insert_scale_factor = 0.01,
  -- Giving pages back to the file system would lock the table, for a table that grows again at once.
  vacuum_truncate = off
);

create index job_ready on trellis.job (queue, priority desc, id) where state = 'ready';
create index job_delayed on trellis.job (run_at) where state = 'delayed';
create index job_running on trellis.job (worker) where state = 'running';
create unique index job_unique on trellis.job (queue, unique_key) where unique_key is not null;

create type trellis.job_end as enum ('done', 'dead', 'cancelled');

create table trellis.finished_job (
  id uuid primary key,
  queue text not null,
  state trellis.job_end not null,
  attempts integer not null,
  enqueued_at timestamptz not null,
  finished_at timestamptz not null default now(),
  -- Kept until then; those that are dead until somebody decides.
  until timestamptz,
  result text,
  error text,
  -- What begins a dead job anew.
  priority smallint,
  payload text,
  unique_key text,
  trace text,
  epoch integer
);

create index finished_job_until on trellis.finished_job (queue, until) where until is not null;
create index finished_job_dead on trellis.finished_job (finished_at desc, id desc) where state = 'dead';

-- Instances that work jobs. One that is silent is buried; then its jobs go to others.
create table trellis.worker (
  id uuid primary key,
  name text not null,
  lease_until timestamptz not null,
  buried boolean not null default false
) with (vacuum_truncate = off);

-- When the jobs of a queue with a rate started, the latest last.
create table trellis.job_rate (
  queue text primary key,
  starts timestamptz[] not null default '{}'
);
