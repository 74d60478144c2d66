import type { Batch } from "trellis";
import { scopeOf, type TransactionScope } from "trellis/block";
import type { Use } from "../uses.ts";
import type { Click } from "./click.ts";
import { type Crowded, countShares, referrersMax } from "./count-shares.ts";
import { countVisitors } from "./count-visitors.ts";
import { countArrays, numberArray } from "./sql-array.ts";
import { latestMax, Tally, toLatest } from "./tally.ts";

/** As many as `0002_clicks.sql` made. */
const shards = 16;

/**
 * Counts a batch of clicks, whatever order they come in: added up in memory, then written with one statement for each
 * table, the rows in ascending order so that no two consumers wait for each other in a ring.
 */
export async function countClicks({ events, tx, random }: Batch<Click>, { live }: Pick<Use, "live">): Promise<void> {
  const tally = new Tally(events);
  const sql = scopeOf(tx);
  await sql.query(steadyPlans);
  const crowded = await countHours(sql, tally);
  await countShares(sql, tally, crowded);
  await countVisitors(sql, tally);
  await countLinks(sql, tally);
  // The last one, since all consumers meet here.
  await sql.query(addToShard, [Math.floor(random() * shards), ...tally.all]);
  sql.afterCommit(() => live.counted());
}

/**
 * Tables that were empty a moment ago and those that statistics know nothing of yet are read by their indexes too, and
 * a plan that was good for ten rows is not kept for ten million.
 */
const steadyPlans = `select set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true)`;

/** Gives the hours that have more clicks than they may have different referrers. */
async function countHours(sql: TransactionScope, { hours }: Tally): Promise<readonly Crowded[]> {
  const rows = await sql.query<{ link: string; hour: number }>(upsertHours, [
    numberArray(hours.map(({ link }) => link)),
    numberArray(hours.map(({ hour }) => hour)),
    ...countArrays(hours),
    referrersMax,
  ]);
  return rows.map(({ link, hour }) => ({ link: Number(link), hour }));
}

const upsertHours = `
  with counted as (
    insert into link_hour (link_id, hour, humans, bots, previews, heads)
    select * from unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], $5::integer[], $6::integer[])
    on conflict (link_id, hour) do update set
      humans = link_hour.humans + excluded.humans, bots = link_hour.bots + excluded.bots,
      previews = link_hour.previews + excluded.previews, heads = link_hour.heads + excluded.heads
    returning link_id, hour, humans::bigint + bots + previews + heads as clicks
  )
  select link_id::text as link, hour from counted where clicks > $7`;

async function countLinks(sql: TransactionScope, { links }: Tally): Promise<void> {
  const ids = numberArray(links.map(({ link }) => link));
  await sql.query(addToTotals, [ids, ...countArrays(links)]);
  const latest = links.map(({ latest }) => latest.map((click) => JSON.stringify(toLatest(click))).join(betweenClicks));
  await sql.query(upsertLatest, [ids, latest.join(betweenLinks), betweenLinks, betweenClicks, latestMax]);
}

const addToTotals = `
  update link_total set
    humans = link_total.humans + given.humans, bots = link_total.bots + given.bots,
    previews = link_total.previews + given.previews, heads = link_total.heads + given.heads
  from unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], $5::integer[])
    as given (link_id, humans, bots, previews, heads)
  where link_total.link_id = given.link_id`;

/** Stand in no JSON text. To write arrays in their own form, where each quote is escaped, was a quarter of all the work. */
const betweenLinks = "\u001e";
const betweenClicks = "\u001f";

const upsertLatest = `
  insert into link_latest (link_id, clicks)
  select link_id, string_to_array(clicks, $4)
  from unnest($1::bigint[], string_to_array($2, $3)) as given (link_id, clicks)
  on conflict (link_id) do update set clicks = (excluded.clicks || link_latest.clicks)[1:$5]`;

const addToShard = `
  update click_count set humans = humans + $2, bots = bots + $3, previews = previews + $4, heads = heads + $5
  where shard = $1`;
