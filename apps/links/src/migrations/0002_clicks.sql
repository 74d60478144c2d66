-- What was counted of the clicks. Hours are whole hours since 1970-01-01T00:00Z, days whole days.
-- The rows of one link in one order lie side by side, so that a link's chart of thirty days is one range of an index.

create table link_hour (
  link_id bigint not null,
  hour integer not null,
  humans integer not null,
  bots integer not null,
  previews integer not null,
  heads integer not null,
  primary key (link_id, hour)
) with (fillfactor = 70);

-- By what clicks have in common: the country, the referrer and so on, as `clicks/dimensions.ts` numbers them.
create table link_hour_share (
  link_id bigint not null,
  dimension smallint not null,
  hour integer not null,
  value text collate "C" not null,
  humans integer not null,
  bots integer not null,
  previews integer not null,
  heads integer not null,
  primary key (link_id, dimension, hour, value)
) with (fillfactor = 70);

-- Old hours are found by their place: rows are written in about the order of their hours.
create index link_hour_share_by_age on link_hour_share using brin (hour);

-- How many different people came, as a sketch that tells nobody apart (`clicks/sketch.ts`). Written only where it grows.
create table link_hour_visitors (
  link_id bigint not null,
  hour integer not null,
  sketch bytea not null,
  primary key (link_id, hour)
) with (fillfactor = 50);

create index link_hour_visitors_by_age on link_hour_visitors using brin (hour);

-- Of all time. There from the link's beginning, so that links without clicks are in the order by clicks too.
create table link_total (
  link_id bigint primary key references link on delete cascade,
  workspace text not null,
  humans bigint not null default 0,
  bots bigint not null default 0,
  previews bigint not null default 0,
  heads bigint not null default 0
) with (fillfactor = 70);

insert into link_total (link_id, workspace) select id, workspace from link;

create index link_total_by_clicks on link_total (workspace, humans desc, link_id desc);

-- The last clicks of each link, the newest first, in the form in which they are shown.
create table link_latest (
  link_id bigint primary key,
  clicks text[] not null
) with (fillfactor = 50);

-- Everything counted. Its sum must be what was answered; many rows, so that consumers need not wait for each other.
create table click_count (
  shard smallint primary key,
  humans bigint not null default 0,
  bots bigint not null default 0,
  previews bigint not null default 0,
  heads bigint not null default 0
) with (fillfactor = 10);

insert into click_count (shard) select generate_series(0, 15);

-- What makes a day's visitors incomparable with another day's, once it is thrown away.
create table visitor_salt (
  day integer primary key,
  salt bytea not null check (length(salt) = 32)
);

-- For the search of links by a part of their code or target.
create extension if not exists pg_trgm with schema public;
create index link_search on link using gin (code public.gin_trgm_ops, target public.gin_trgm_ops);
