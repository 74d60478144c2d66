import type { Sql } from "../../../model/sql.ts";
import { deadMs } from "../limits.ts";
import type { GroupOverview, LogOverview } from "../port.ts";
import type { StreamAccount } from "../stream-account.ts";
import { type StreamRow, streamLabel } from "./log-parts.ts";
import { partitionsOf } from "./partitions-of.ts";

/** Streams with their groups, of which only the one with `id` where one is given. */
export async function readOverviews(sql: Sql, id?: number): Promise<readonly LogOverview[]> {
  const rows = await sql.query<StreamFigures>(overviewStatement, [id ?? null]);
  return rows.map(({ service, name, partitions, appended, oldest_at, outbox, groups, members }) => ({
    service,
    name,
    partitions,
    appended: Number(appended),
    oldestAt: oldest_at ?? undefined,
    outbox: Number(outbox),
    groups: groups.map((group): GroupOverview => {
      const living = members.filter((each) => each.group === group.group);
      return {
        group: group.group,
        lag: group.lag,
        oldestAgeMs: Math.max(0, group.oldest_age_ms ?? 0),
        setAside: group.set_aside,
        members: living.map(({ member, instance }) => ({
          instance,
          partitions: partitionsOf(
            member,
            living.map((each) => each.member),
            partitions,
          ),
        })),
      };
    }),
  }));
}

interface StreamFigures {
  readonly service: string;
  readonly name: string;
  readonly partitions: number;
  readonly appended: bigint;
  readonly oldest_at: number | null;
  readonly outbox: bigint;
  readonly groups: readonly GroupFigures[];
  readonly members: readonly MemberFigures[];
}

interface GroupFigures {
  readonly group: string;
  readonly lag: number;
  readonly oldest_age_ms: number | null;
  readonly set_aside: number;
}

interface MemberFigures {
  readonly group: string;
  readonly member: string;
  readonly instance: string;
}

const overviewStatement = `
  select stream.service, stream.name, stream.partitions,
    (select sum(next) from unnest(log.nexts) as next) as appended,
    (
      select min(trellis.event_at(stream.id, nth::int - 1, first))::float8
      from unnest(oldest.firsts) with ordinality as kept (first, nth)
    ) as oldest_at,
    (select count(*) from trellis.outbox where outbox.stream = stream.id) as outbox,
    (
      select coalesce(json_agg(grouped order by "group"), '[]') from (
        select "group",
          sum(log.nexts[partition + 1] - "offset")::float8 as lag,
          (extract(epoch from clock_timestamp()) * 1000 - min(trellis.event_at(stream.id, partition, "offset")))::float8 as oldest_age_ms,
          (
            select count(*)::int from trellis.stream_set_aside as aside
            where aside.stream = stream.id and aside."group" = cursor."group"
          ) as set_aside
        from trellis.stream_cursor as cursor where cursor.stream = stream.id group by "group"
      ) as grouped
    ) as groups,
    (
      select coalesce(json_agg(json_build_object('group', "group", 'member', member, 'instance', instance)), '[]')
      from trellis.stream_member as here
      where here.stream = stream.id and beat >= clock_timestamp() - interval '${deadMs} milliseconds'
    ) as members
  from trellis.stream
  cross join lateral trellis.log_end(stream.id) as log
  cross join lateral (
    select firsts from trellis.stream_segment as segment where segment.stream = stream.id order by number limit 1
  ) as oldest
  where $1::int is null or stream.id = $1
  order by stream.service, stream.name`;

/** What became of the events that were spooled, in one snapshot. */
export async function readAccount(sql: Sql, stream: StreamRow, group: string): Promise<StreamAccount> {
  const [row] = await sql.query<Record<"spooled" | "forwarded" | "unlogged" | "lag" | "aside", bigint>>(
    accountStatement,
    [stream.id, group, streamLabel(stream)],
  );
  if (!row) throw new TypeError(`${streamLabel(stream)} is gone from the tables.`);
  const [spooled, forwarded, unlogged] = [Number(row.spooled), Number(row.forwarded), Number(row.unlogged)];
  return {
    spooled,
    inSpools: spooled - forwarded - unlogged,
    forwarded,
    unlogged,
    lag: Number(row.lag),
    setAside: Number(row.aside),
  };
}

const accountStatement = `
  select spool.*,
    (
      select sum(log.nexts[nth] - coalesce(cursor."offset", first))::bigint
      from unnest(oldest.firsts) with ordinality as kept (first, nth)
      left join trellis.stream_cursor as cursor
        on cursor.stream = $1 and cursor."group" = $2 and cursor.partition = nth - 1
    ) as lag,
    (select count(*) from trellis.stream_set_aside where stream = $1 and "group" = $2) as aside
  from (
    select coalesce(sum(position), 0)::bigint as spooled,
      coalesce(sum(forwarded), 0)::bigint as forwarded,
      coalesce(sum(unlogged), 0)::bigint as unlogged
    from trellis.spool where stream = $3
  ) as spool
  cross join trellis.log_end($1) as log
  cross join lateral (
    select firsts from trellis.stream_segment where stream = $1 order by number limit 1
  ) as oldest`;
