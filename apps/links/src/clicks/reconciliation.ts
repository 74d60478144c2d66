import type { Request } from "trellis";
import type { LinksRoute } from "../contract.ts";
import type { Use } from "../uses.ts";
import { inFlight } from "./in-flight.ts";
import { allOf, toSeries } from "./series.ts";

/**
 * What became of every redirect that was answered. Two books that know nothing of each other, the stream's positions
 * and our own counts, are read as of the same moment: so that they can be seen to agree, or not to.
 */
export async function reconciliation(_: Request<LinksRoute<"reconciliation">>, { db, clicks }: Use) {
  return db.transaction(
    async (tx) => {
      // The first statement decides the moment: after every instance's own count has been brought up to date.
      const account = await clicks.in(tx).account();
      const { humans, bots, previews, heads } = await db
        .in(tx)
        .selectFrom("click_count")
        .select(({ fn }) => [
          fn.sum("humans").as("humans"),
          fn.sum("bots").as("bots"),
          fn.sum("previews").as("previews"),
          fn.sum("heads").as("heads"),
        ])
        .executeTakeFirstOrThrow();
      const series = toSeries({ humans, bots, previews, heads });
      return {
        answered: account.spooled,
        counted: allOf(series),
        inFlight: inFlight(account),
        unlogged: account.unlogged,
        series,
      };
    },
    { isolation: "repeatable read" },
  );
}
