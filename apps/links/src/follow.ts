import type { Request } from "trellis";
import { LinkArchived, type LinksRoute, UnknownCode } from "./contract.ts";
import { isCode } from "./find-link.ts";
import type { Destination, Use } from "./uses.ts";

/**
 * Leads to a link's target: the path that nearly all requests take, so that a hit makes no object of its own (the
 * answer is what the cache holds) and what cannot be a code reaches neither cache nor database.
 */
export async function follow({ params: { code } }: Request<LinksRoute<"follow">>, { db, hot }: Use) {
  if (!isCode(code)) return UnknownCode({ code });
  const found = await hot.getOrLoad(code, () => loadDestination(db, code));
  if (found === undefined) return UnknownCode({ code });
  return "to" in found ? found : LinkArchived({ code });
}

async function loadDestination(db: Use["db"], code: string): Promise<Destination | undefined> {
  const link = await db.replica
    .selectFrom("link")
    .select(["target", "state"])
    .where("code", "=", code)
    .executeTakeFirst();
  if (!link) return undefined;
  return link.state === "active" ? { to: link.target } : { archived: true };
}
