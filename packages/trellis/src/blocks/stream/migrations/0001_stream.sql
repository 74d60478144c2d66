create table trellis.stream (
  id int generated always as identity primary key,
  service text not null,
  name text not null,
  partitions int not null check (partitions > 0),
  keep_for_ms bigint not null,
  unique (service, name)
);

-- The events of one day (UTC) each, in a table of its own, `trellis.log_STREAM_NUMBER`: the days are neither partitions of
-- one table nor rows to delete, so that making and dropping one waits for nobody who reads or writes another.
create table trellis.stream_segment (
  stream int not null references trellis.stream,
  number int not null,
  -- When its day begins, in milliseconds since 1970.
  from_ms bigint not null,
  -- For each partition: the offset that the segment begins with, and when the event before that was appended.
  firsts bigint[] not null,
  ats bigint[] not null,
  primary key (stream, number)
);

-- Events that were appended in a transaction, until the relay moves them into their stream. `xid` tells a reader which of
-- them became visible since it last looked.
create table trellis.outbox (
  id bigint generated always as identity,
  stream int not null references trellis.stream,
  partition int not null,
  key text not null,
  body text not null,
  trace text,
  xid xid8 not null default pg_current_xact_id()
);

create index outbox_news on trellis.outbox (stream, xid);

-- How far each group has come: the offset that it handles next. Locked while it handles a batch.
create table trellis.stream_cursor (
  stream int not null references trellis.stream,
  "group" text not null,
  partition int not null,
  "offset" bigint not null,
  primary key (stream, "group", partition)
) with (fillfactor = 20);

-- The instances that consume for a group and share its partitions. One that does not beat is dead.
create table trellis.stream_member (
  stream int not null references trellis.stream,
  "group" text not null,
  member uuid not null,
  instance text not null,
  -- Its connections that handled a batch when it last beat.
  backends int[] not null,
  beat timestamptz not null,
  primary key (stream, "group", member)
);

create table trellis.stream_set_aside (
  id bigint generated always as identity primary key,
  stream int not null references trellis.stream,
  "group" text not null,
  partition int not null,
  "offset" bigint not null,
  at bigint not null,
  set_aside_at timestamptz not null default now(),
  key text not null,
  body text not null,
  trace text,
  reason text not null,
  retrying boolean not null default false
);

create index stream_set_aside_group on trellis.stream_set_aside (stream, "group");
create index stream_set_aside_retrying on trellis.stream_set_aside (stream, "group", partition) where retrying;
