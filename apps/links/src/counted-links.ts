import type { Queries } from "trellis";
import { hourOf, hoursOfDay } from "./clicks/hours.ts";
import { type CountsRead, toSeries } from "./clicks/series.ts";
import type { CountedLink } from "./contract.ts";
import { type LinkRow, toLink } from "./find-link.ts";
import type { Tables } from "./tables.ts";

/** The links with what was counted of them: one query for all of their last days. */
export async function countedLinks(
  queries: Queries<Tables>,
  rows: readonly (LinkRow & CountsRead)[],
  origin: string,
  nowMs: number,
): Promise<readonly CountedLink[]> {
  const firstHour = hourOf(nowMs) - hoursOfDay + 1;
  const hours =
    rows.length === 0
      ? []
      : await queries
          .selectFrom("link_hour")
          .select(["link_id", "hour", "humans"])
          .where(
            "link_id",
            "in",
            rows.map(({ id }) => id),
          )
          .where("hour", ">=", firstHour)
          .where("hour", "<", firstHour + hoursOfDay)
          .execute();
  const lastDays = new Map(rows.map(({ id }) => [id, new Array<number>(hoursOfDay).fill(0)]));
  for (const { link_id, hour, humans } of hours) {
    const lastDay = lastDays.get(link_id);
    if (lastDay) lastDay[hour - firstHour] = humans;
  }
  return rows.map((row) => ({
    ...toLink(row, origin),
    clicks: toSeries(row),
    lastDay: lastDays.get(row.id) ?? [],
  }));
}
