import type { Request } from "trellis";
import { LinkArchived, type LinksRoute, UnknownCode } from "./contract.ts";
import { isCode } from "./find-link.ts";
import type { Destination, Use } from "./uses.ts";

/**
 * Leads to a link's target and writes the click down: the path that nearly all requests take, so that the answer is what
 * the cache holds, and what cannot be a code reaches neither cache nor database. Nothing that becomes of the click can
 * hold up or spoil the answer.
 */
export async function follow(request: Request<LinksRoute<"follow">>, { db, hot, facts, clicks }: Use) {
  const { code } = request.params;
  if (!isCode(code)) return UnknownCode({ code });
  const found = await hot.getOrLoad(code, () => loadDestination(db, code));
  if (found === undefined) return UnknownCode({ code });
  if (!("to" in found)) return LinkArchived({ code });
  clicks.spool(facts.read(found.id, request));
  return found;
}

async function loadDestination(db: Use["db"], code: string): Promise<Destination | undefined> {
  const link = await db.replica
    .selectFrom("link")
    .select(["id", "target", "state"])
    .where("code", "=", code)
    .executeTakeFirst();
  if (!link) return undefined;
  return link.state === "active" ? { to: link.target, id: Number(link.id) } : { archived: true };
}
