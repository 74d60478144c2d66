import type { TransactionScope } from "trellis/block";
import { dimensionNumbers } from "./dimensions.ts";
import { countArrays, numberArray, textArray } from "./sql-array.ts";
import { type Counts, type HourTally, plus, type Tally } from "./tally.ts";

/**
 * Different hosts that an hour of a link is told apart by: whoever sends clicks names them as they like. Those that come
 * after them are counted as one.
 */
export const referrersMax = 100;

/** No host can be called that. */
export const otherReferrers = "(other)";

/** An hour of a link that has more clicks than it may have different referrers. */
export interface Crowded {
  readonly link: number;
  readonly hour: number;
}

interface Share {
  readonly link: number;
  readonly dimension: number;
  readonly hour: number;
  readonly value: string;
  readonly counts: Counts;
}

/** Counts what the clicks of each hour have in common. */
export async function countShares(sql: TransactionScope, tally: Tally, crowded: readonly Crowded[]): Promise<void> {
  const known = await readReferrers(sql, crowded);
  const shares = tally.hours.flatMap((hour) => sharesOf(hour, known.get(placeOf(hour)))).toSorted(inOrderOfTheKey);
  await sql.query(upsertShares, [
    numberArray(shares.map(({ link }) => link)),
    numberArray(shares.map(({ dimension }) => dimension)),
    numberArray(shares.map(({ hour }) => hour)),
    textArray(shares.map(({ value }) => value)),
    ...countArrays(shares),
  ]);
}

const upsertShares = `
  insert into link_hour_share (link_id, dimension, hour, value, humans, bots, previews, heads)
  select * from unnest($1::bigint[], $2::smallint[], $3::integer[], $4::text[],
    $5::integer[], $6::integer[], $7::integer[], $8::integer[])
  on conflict (link_id, dimension, hour, value) do update set
    humans = link_hour_share.humans + excluded.humans, bots = link_hour_share.bots + excluded.bots,
    previews = link_hour_share.previews + excluded.previews, heads = link_hour_share.heads + excluded.heads`;

/** The referrers that crowded hours have already: an hour with fewer clicks cannot have too many. */
async function readReferrers(
  sql: TransactionScope,
  crowded: readonly Crowded[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const known = new Map<string, Set<string>>(crowded.map((hour) => [placeOf(hour), new Set()]));
  if (crowded.length === 0) return known;
  const rows = await sql.query<{ link: string; hour: number; value: string }>(selectReferrers, [
    numberArray(crowded.map(({ link }) => link)),
    numberArray(crowded.map(({ hour }) => hour)),
    dimensionNumbers.referrer,
  ]);
  for (const { link, hour, value } of rows) known.get(`${link}/${hour}`)?.add(value);
  return known;
}

const selectReferrers = `
  select given.link_id::text as link, given.hour, share.value
  from unnest($1::bigint[], $2::integer[]) as given (link_id, hour),
    lateral (select value from link_hour_share
      where link_id = given.link_id and dimension = $3 and hour = given.hour) as share`;

function placeOf({ link, hour }: Crowded): string {
  return `${link}/${hour}`;
}

/** `known` are the referrers of a crowded hour. */
function sharesOf(tally: HourTally, known: ReadonlySet<string> | undefined): readonly Share[] {
  const shares: Share[] = [];
  for (const [dimension, values] of tally.shares)
    for (const [value, counts] of dimension === "referrer" && known ? bounded(values, known) : values)
      shares.push({ link: tally.link, dimension: dimensionNumbers[dimension], hour: tally.hour, value, counts });
  return shares;
}

/** Lets new values in, the most frequent first, until there are as many as may be. */
function bounded(values: ReadonlyMap<string, Counts>, known: ReadonlySet<string>): ReadonlyMap<string, Counts> {
  const admitted = new Map<string, Counts>();
  let room = referrersMax - known.size;
  let others: Counts = [0, 0, 0, 0];
  for (const [value, counts] of [...values].toSorted(byClicks)) {
    if (known.has(value)) admitted.set(value, counts);
    else if (room > 0) {
      admitted.set(value, counts);
      room--;
    } else others = plus(others, counts);
  }
  if (others.some((count) => count > 0))
    admitted.set(otherReferrers, plus(others, admitted.get(otherReferrers) ?? [0, 0, 0, 0]));
  return admitted;
}

function byClicks([, one]: readonly [string, Counts], [, other]: readonly [string, Counts]): number {
  return sum(other) - sum(one);
}

function sum(counts: Counts): number {
  return counts[0] + counts[1] + counts[2] + counts[3];
}

function inOrderOfTheKey(one: Share, other: Share): number {
  if (one.link !== other.link) return one.link - other.link;
  if (one.dimension !== other.dimension) return one.dimension - other.dimension;
  if (one.hour !== other.hour) return one.hour - other.hour;
  if (one.value === other.value) return 0;
  return one.value < other.value ? -1 : 1;
}
