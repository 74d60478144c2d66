-- What instances tell each other, kept for an hour. `xid` tells a reader which messages became visible since it last read.
create table trellis.message (
  id bigint generated always as identity primary key,
  topic text not null,
  body text not null,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default now()
);

create index message_xid on trellis.message (xid);
create index message_at on trellis.message (at);
