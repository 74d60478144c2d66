-- Instances of the release before go on reading by trellis.read_events until they end.

-- Locks a group's cursor and gives the events after it, as one text: a row for each costs reader and server more than all
-- that is in them. At most `most`, and not many more bytes than `bytes_most`, but always one. No row where somebody else
-- has the cursor. `is_more`: this was not all there is.
create function trellis.take_events(
  of_stream int, of_group text, of_partition int, most int, bytes_most int,
  out first bigint, out backend int, out count int, out bodies text, out is_more boolean
)
returns setof record language plpgsql set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare segment int; events text; large boolean; found_count int;
begin
  select cursor."offset", pg_backend_pid() into first, backend from trellis.stream_cursor as cursor
    where cursor.stream = of_stream and cursor."group" = of_group and cursor.partition = of_partition for update skip locked;
  if not found then return; end if;
  count := 0;
  is_more := false;
  segment := trellis.segment_of(of_stream, of_partition, first);
  if segment is not null then
    -- Along the index, whatever the planner believes of a table that it has not counted yet.
    events := format(
      '(select "offset", body from %s where partition = $1 and "offset" >= $2 order by "offset" limit $3) as event',
      trellis.log_table(of_stream, segment)
    );
    -- Where none is larger than its share, all of them fit, and nothing needs to be summed up.
    execute 'select count(*), bool_or(octet_length(body) > $4 / $3),
        string_agg(body, chr(31)) filter (where octet_length(body) <= $4 / $3) from ' || events
      into count, large, bodies using of_partition, first, most, bytes_most;
    found_count := count;
    if large then
      execute 'select count(*), string_agg(body, chr(31)) from (
          select body, sum(octet_length(body)) over (order by "offset" rows unbounded preceding) - octet_length(body) as before
          from ' || events || '
        ) as event where before < $4'
        into count, bodies using of_partition, first, most, bytes_most;
    end if;
    is_more := found_count = most or count < found_count
      or exists (select from trellis.stream_segment as newer where newer.stream = of_stream and newer.number > segment);
  end if;
  return next;
end $$;

-- Keeps events of a group that it cannot handle, each with its reason.
create function trellis.put_aside(of_stream int, of_group text, of_partition int, offsets bigint[], reasons text[])
returns void language plpgsql set enable_seqscan = off as $$
begin
  execute format(
    'insert into trellis.stream_set_aside (stream, "group", partition, "offset", at, key, body, trace, reason)
     select $1, $2, partition, "offset", at, key, body, trace, reason
     from unnest($4, $5) as unfit ("offset", reason) join %s using ("offset") where partition = $3',
    trellis.log_table(of_stream, trellis.segment_of(of_stream, of_partition, offsets[1]))
  ) using of_stream, of_group, of_partition, offsets, reasons;
end $$;

-- What caused the event at the offset. Null where nothing is known of it.
create function trellis.trace_at(of_stream int, of_partition int, of_offset bigint) returns text
language plpgsql stable set enable_seqscan = off as $$
declare result text;
begin
  execute format(
    'select trace from %s where partition = $1 and "offset" = $2',
    trellis.log_table(of_stream, trellis.segment_of(of_stream, of_partition, of_offset))
  ) into result using of_partition, of_offset;
  return result;
end $$;
