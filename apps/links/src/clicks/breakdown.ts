import type { Request } from "trellis";
import { type LinksRoute, UnknownCode } from "../contract.ts";
import { findLink } from "../find-link.ts";
import type { Use } from "../uses.ts";
import { dimensionNumbers } from "./dimensions.ts";
import { hourStart } from "./hours.ts";
import { addSeries, lessSeries, noClicks, toSeries } from "./series.ts";
import { readSpan } from "./span.ts";

/** What a link's clicks had in common. */
export async function breakdown({ params, query, actor, now }: Request<LinksRoute<"breakdown">>, { db }: Use) {
  const span = readSpan(query, "day", now());
  if (!("fromHour" in span)) return span;
  const link = await findLink(db.replica, actor.workspace, params.code);
  if (!link) return UnknownCode({ code: params.code });
  const rows = await sharesOf(db, link.id, dimensionNumbers[query.by], span.fromHour, span.endHour)
    .limit(query.limit)
    .execute();
  const values = rows.map((row) => ({ value: row.value, ...toSeries(row) }));
  const [first] = rows;
  const all = first
    ? toSeries({ humans: first.allHumans, bots: first.allBots, previews: first.allPreviews, heads: first.allHeads })
    : noClicks;
  return {
    by: query.by,
    from: hourStart(span.fromHour),
    to: hourStart(span.endHour),
    values,
    others: lessSeries(all, values.reduce(addSeries, noClicks)),
  };
}

/** Each value with its counts and with those of all values, the most frequent first. */
function sharesOf(db: Use["db"], link: bigint, dimension: number, fromHour: number, endHour: number) {
  return db.replica
    .with("share", (queries) =>
      queries
        .selectFrom("link_hour_share")
        .select(({ fn }) => [
          "value",
          fn.sum("humans").as("humans"),
          fn.sum("bots").as("bots"),
          fn.sum("previews").as("previews"),
          fn.sum("heads").as("heads"),
        ])
        .where("link_id", "=", link)
        .where("dimension", "=", dimension)
        .where("hour", ">=", fromHour)
        .where("hour", "<", endHour)
        .groupBy("value"),
    )
    .selectFrom("share")
    .select(({ fn }) => [
      "value",
      "humans",
      "bots",
      "previews",
      "heads",
      fn.sum("humans").over().as("allHumans"),
      fn.sum("bots").over().as("allBots"),
      fn.sum("previews").over().as("allPreviews"),
      fn.sum("heads").over().as("allHeads"),
    ])
    .orderBy("humans", "desc")
    .orderBy("bots", "desc")
    .orderBy("previews", "desc")
    .orderBy("heads", "desc")
    .orderBy("value");
}
