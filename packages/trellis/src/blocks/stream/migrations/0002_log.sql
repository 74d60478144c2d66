-- How events come into a log and out of it. The names of a log's tables are made here and nowhere else. Statements with such a
-- name are planned anew each time, for the table as it is: none goes on with a plan that was made when it was empty.

create function trellis.log_table(of_stream int, number int) returns text
language sql immutable as $$ select format('trellis.log_%s_%s', of_stream, number) $$;

create function trellis.add_segment(of_stream int, new_number int, day_ms bigint, new_firsts bigint[], new_ats bigint[])
returns void language plpgsql as $$
begin
  insert into trellis.stream_segment values (of_stream, new_number, day_ms, new_firsts, new_ats);
  execute format(
    'create table %s (
       partition int not null, "offset" bigint not null, at bigint not null, key text not null, body text not null, trace text,
       primary key (partition, "offset")
     )',
    trellis.log_table(of_stream, new_number)
  );
end $$;

-- Makes the stream where it is missing.
create function trellis.open_stream(of_service text, of_name text, partition_count int, keep_ms bigint, now_ms bigint)
returns table (id int, partitions int) language plpgsql as $$
#variable_conflict use_column
declare found_id int;
begin
  perform pg_advisory_xact_lock(hashtext('trellis:stream'), 0);
  select s.id into found_id from trellis.stream s where s.service = of_service and s.name = of_name;
  if found_id is null then
    insert into trellis.stream (service, name, partitions, keep_for_ms) values (of_service, of_name, partition_count, keep_ms)
      returning stream.id into found_id;
    perform trellis.add_segment(
      found_id, 1, now_ms - now_ms % 86400000, array_fill(0::bigint, array[partition_count]), array_fill(0::bigint, array[partition_count])
    );
  else
    update trellis.stream s set keep_for_ms = keep_ms where s.id = found_id and s.keep_for_ms <> keep_ms;
  end if;
  return query select s.id, s.partitions from trellis.stream s where s.id = found_id;
end $$;

-- Where the log ends: the newest segment, and for each partition the next offset and when the event before it was appended.
create function trellis.log_end(of_stream int, out number int, out day_ms bigint, out firsts bigint[], out nexts bigint[], out ats bigint[])
language plpgsql stable as $$
declare last_of text; last_offset bigint; last_at bigint;
begin
  select s.number, s.from_ms, s.firsts, s.ats into number, day_ms, firsts, ats
    from trellis.stream_segment s where s.stream = of_stream order by s.number desc limit 1;
  nexts := firsts;
  last_of := 'select "offset", at from ' || trellis.log_table(of_stream, number)
    || ' where partition = $1 order by "offset" desc limit 1';
  -- One by one: a statement that asks for all of them at once takes longer to plan than these take to run.
  for nth in 1 .. cardinality(firsts) loop
    execute last_of into last_offset, last_at using nth - 1;
    if last_offset is not null then
      nexts[nth] := last_offset + 1;
      ats[nth] := last_at;
    end if;
  end loop;
end $$;

-- Lets nobody else append until the transaction ends, and begins the day's segment where a new day has come. The lock is all
-- that orders appends: no row is updated, so that a long transaction elsewhere leaves nothing behind to be searched through.
create function trellis.begin_append(of_stream int, now_ms bigint, out number int, out nexts bigint[], out ats bigint[])
language plpgsql as $$
declare log record; today_ms bigint := now_ms - now_ms % 86400000;
begin
  perform pg_advisory_xact_lock(hashtext('trellis:stream'), of_stream);
  select * into log from trellis.log_end(of_stream);
  number := log.number; nexts := log.nexts; ats := log.ats;
  if today_ms > log.day_ms then
    if log.nexts = log.firsts then
      update trellis.stream_segment s set from_ms = today_ms where s.stream = of_stream and s.number = log.number;
    else
      number := log.number + 1;
      perform trellis.add_segment(of_stream, number, today_ms, log.nexts, log.ats);
    end if;
  end if;
end $$;

-- `places` counts the events of each partition from 0.
create function trellis.append_events(
  of_stream int, now_ms bigint, partitions int[], places int[], keys text[], bodies text[], traces text[]
)
returns void language plpgsql as $$
declare log record;
begin
  select * into log from trellis.begin_append(of_stream, now_ms);
  execute 'insert into ' || trellis.log_table(of_stream, log.number) || ' (partition, "offset", at, key, body, trace)
    select partition, $1[partition + 1] + place, greatest($2, $3[partition + 1]), key, body, trace
    from unnest($4, $5, $6, $7, $8) as event (partition, place, key, body, trace)'
  using log.nexts, now_ms, log.ats, partitions, places, keys, bodies, traces;
end $$;

-- Moves what has become visible in the outbox since `since` into the log, in the order of ids. Says what it has seen, to be
-- given the next time; null where more is left than `most`. Only the index may be asked: the table may be full of dead rows.
create function trellis.relay_outbox(of_stream int, now_ms bigint, since pg_snapshot, most int, out moved int, out seen text)
language plpgsql set enable_seqscan = off as $$
declare events record;
begin
  -- Before looking: who looks first also appends first.
  perform pg_advisory_xact_lock(hashtext('trellis:stream'), of_stream);
  with news as materialized (
    select id, ctid as row from trellis.outbox
    where stream = of_stream and xid >= pg_snapshot_xmax(since) and xid < pg_snapshot_xmax(pg_current_snapshot())
    union all
    select id, outbox.ctid from pg_snapshot_xip(since) as running (xid)
    join trellis.outbox on stream = of_stream and outbox.xid >= running.xid and outbox.xid <= running.xid
    order by id limit most
  ), taken as (
    delete from trellis.outbox where ctid = any(array(select row from news)) returning id, partition, key, body, trace
  ), placed as (
    select *, (row_number() over (partition by partition order by id) - 1)::int as place from taken
  )
  select count(*)::int as count, pg_current_snapshot()::text as snapshot, array_agg(partition) as partitions,
    array_agg(place) as places, array_agg(key) as keys, array_agg(body) as bodies, array_agg(trace) as traces
  into events from placed;
  moved := events.count;
  seen := case when moved < most then events.snapshot end;
  if moved > 0 then
    perform trellis.append_events(
      of_stream, now_ms, events.partitions, events.places, events.keys, events.bodies, events.traces
    );
  end if;
end $$;

-- The segment that has the offset, or will have it. Null where it has been dropped.
create function trellis.segment_of(of_stream int, of_partition int, of_offset bigint) returns int
language sql stable as $$
  select number from trellis.stream_segment
  where stream = of_stream and firsts[of_partition + 1] <= of_offset order by number desc limit 1
$$;

-- Events of one partition from an offset on, one after the other without a gap: at most `most`, and not many more bytes than
-- `bytes_most`, but always one. Along the index, whatever the planner believes of a table that it has not counted yet.
create function trellis.read_events(of_stream int, of_partition int, from_offset bigint, most int, bytes_most int)
returns table (at float8, key text, body text, trace text)
language plpgsql stable set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare number int := trellis.segment_of(of_stream, of_partition, from_offset);
begin
  if number is null then return; end if;
  return query execute format(
    'select at::float8, key, body, trace from (
       select *, sum(octet_length(body)) over (order by "offset" rows unbounded preceding) - octet_length(body) as before
       from (
         select "offset", at, key, body, trace from %s
         where partition = $1 and "offset" >= $2 order by "offset" limit $3
       ) as event
     ) as event where before < $4',
    trellis.log_table(of_stream, number)
  ) using of_partition, from_offset, most, bytes_most;
end $$;

-- When the event at the offset was appended. Null where there is none.
create function trellis.event_at(of_stream int, of_partition int, of_offset bigint) returns bigint
language plpgsql stable as $$
declare number int := trellis.segment_of(of_stream, of_partition, of_offset); result bigint;
begin
  if number is null then return null; end if;
  execute format('select at from %s where partition = $1 and "offset" = $2', trellis.log_table(of_stream, number))
    using of_partition, of_offset into result;
  return result;
end $$;

-- The first offset from which on all events were appended at `from_ms` or later, by halving what is kept.
create function trellis.offset_at(of_stream int, of_partition int, from_ms bigint) returns bigint
language plpgsql stable as $$
declare low bigint; high bigint; middle bigint;
begin
  select min(firsts[of_partition + 1]) into low from trellis.stream_segment where stream = of_stream;
  select nexts[of_partition + 1] into high from trellis.log_end(of_stream);
  while low < high loop
    middle := (low + high) / 2;
    if trellis.event_at(of_stream, of_partition, middle) >= from_ms then high := middle; else low := middle + 1; end if;
  end loop;
  return low;
end $$;
