-- One row for each spool that some instance still has, and one for each stream with the sum of those that have ended.
-- In each row, at any moment: spooled = in the spool + forwarded + unlogged.
create table trellis.spool (
  -- STREAM/INSTANCE, never used twice; STREAM alone for the sum.
  spool text primary key,
  -- SERVICE.NAME
  stream text not null,
  instance text not null,
  -- How many records were spooled, lost ones included, as far as its instance has reported.
  position bigint not null default 0,
  -- Up to which position they have been brought into the stream, or were lost.
  moved bigint not null default 0,
  -- How many of those up to `moved` are in the stream.
  forwarded bigint not null default 0,
  -- How many of those up to `position` could not be written down.
  unlogged bigint not null default 0,
  -- When its instance last reported or forwarded.
  seen_at timestamptz not null default clock_timestamp()
);

create index spool_stream on trellis.spool (stream);
