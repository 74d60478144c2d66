import type { Queries } from "trellis";
import type { LatestClick, Series } from "../../contract.ts";
import type { Tables } from "../../tables.ts";
import { noClicks, toSeries } from "../series.ts";

/** What was counted of one link. */
export interface LinkState {
  readonly total: Series;
  /** The newest first. */
  readonly latest: readonly LatestClick[];
}

/** What was counted of each of the links: one query for all of them. */
export async function readStates(
  db: Queries<Tables>,
  links: readonly number[],
): Promise<ReadonlyMap<number, LinkState>> {
  const rows = await db
    .selectFrom("link_total as total")
    .leftJoin("link_latest as latest", "latest.link_id", "total.link_id")
    .select(["total.link_id", "total.humans", "total.bots", "total.previews", "total.heads", "latest.clicks"])
    .where("total.link_id", "in", links.map(BigInt))
    .execute();
  const read = new Map<number, LinkState>();
  for (const row of rows)
    read.set(Number(row.link_id), {
      total: toSeries(row),
      // Written by `toLatest`.
      latest: (row.clicks ?? []).map((text): LatestClick => JSON.parse(text)),
    });
  return new Map(links.map((link) => [link, read.get(link) ?? nothingYet]));
}

const nothingYet: LinkState = { total: noClicks, latest: [] };
