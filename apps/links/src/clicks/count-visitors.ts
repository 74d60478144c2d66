import type { TransactionScope } from "trellis/block";
import { Sketch } from "./sketch.ts";
import { byteArray, numberArray } from "./sql-array.ts";
import type { Tally } from "./tally.ts";

/** Adds an hour's people to its sketch. Adding them twice changes nothing. */
export async function countVisitors(sql: TransactionScope, { hours }: Tally): Promise<void> {
  const visited = hours.filter(({ visitors }) => visitors.size > 0);
  if (visited.length === 0) return;
  const rows = await sql.query<{ place: number; sketch: Uint8Array }>(selectSketches, [
    numberArray(visited.map(({ link }) => link)),
    numberArray(visited.map(({ hour }) => hour)),
  ]);
  const written = new Map(rows.map(({ place, sketch }) => [place - 1, sketch]));
  const grown = visited.flatMap(({ link, hour, visitors }, place) => {
    const sketch = new Sketch();
    const before = written.get(place);
    if (before) sketch.merge(before);
    let grew = false;
    for (const visitor of visitors) grew = sketch.add(visitor) || grew;
    return grew ? { link, hour, sketch: sketch.write() } : [];
  });
  if (grown.length === 0) return;
  await sql.query(upsertSketches, [
    numberArray(grown.map(({ link }) => link)),
    numberArray(grown.map(({ hour }) => hour)),
    byteArray(grown.map(({ sketch }) => sketch)),
  ]);
}

/**
 * Nobody writes them between here and the commit: one consumer at a time has the events of a link, and it has written
 * the row of this hour in `link_hour` already.
 */
const selectSketches = `
  select given.place::integer, visitors.sketch
  from unnest($1::bigint[], $2::integer[]) with ordinality as given (link_id, hour, place)
    join link_hour_visitors as visitors using (link_id, hour)`;

const upsertSketches = `
  insert into link_hour_visitors (link_id, hour, sketch)
  select * from unnest($1::bigint[], $2::integer[], $3::bytea[])
  on conflict (link_id, hour) do update set sketch = excluded.sketch`;
