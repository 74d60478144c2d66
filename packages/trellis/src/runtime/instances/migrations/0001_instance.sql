-- The instances that run now, as far as they have said so lately.
create table instance (
  id uuid primary key,
  name text not null,
  role text not null,
  host text not null,
  pid int not null,
  private_url text not null,
  since timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  -- What waits on its disk, as it last said.
  spool jsonb not null
);
