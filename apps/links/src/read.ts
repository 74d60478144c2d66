import type { Request } from "trellis";
import { type LinksRoute, UnknownCode } from "./contract.ts";
import { countedLinks } from "./counted-links.ts";
import { isCode } from "./find-link.ts";
import type { Use } from "./uses.ts";

/** One link with its clicks. */
export async function read({ params: { code }, actor, origin, now }: Request<LinksRoute<"read">>, { db }: Use) {
  if (!isCode(code)) return UnknownCode({ code });
  const found = await db.replica
    .selectFrom("link")
    .innerJoin("link_total as total", "total.link_id", "link.id")
    .selectAll("link")
    .select(["total.humans", "total.bots", "total.previews", "total.heads"])
    .where("code", "=", code)
    .where("link.workspace", "=", actor.workspace)
    .execute();
  const [link] = await countedLinks(db.replica, found, origin, now());
  return link ?? UnknownCode({ code });
}
