import type { Request } from "trellis";
import { LinkArchived, type LinksRoute, StaleVersion, UnknownCode } from "./contract.ts";
import { findLink, toLink } from "./find-link.ts";
import { checkTarget } from "./target.ts";
import type { Use } from "./uses.ts";

/** Gives a link a new target, as its next version. */
export async function change(request: Request<LinksRoute<"change">>, { db, hot }: Use) {
  const { params, body, actor, origin, now, once } = request;
  const { code } = params;
  const target = checkTarget(body.target, origin);
  if (typeof target !== "string") return target;
  return db.transaction(async (tx) => {
    const rows = db.in(tx);
    const link = await findLink(rows, actor.workspace, code, "for update");
    if (!link) return UnknownCode({ code });
    if (link.state === "archived") return LinkArchived({ code });
    if (body.version !== undefined && body.version !== link.version)
      return StaleVersion({ code, version: link.version });
    const next = { target, version: link.version + 1 };
    await rows.updateTable("link").set(next).where("id", "=", link.id).execute();
    await rows
      .insertInto("link_version")
      .values({ ...next, link_id: link.id, created_at: new Date(now()) })
      .execute();
    await hot.in(tx).delete(code);
    return once(tx, toLink({ ...link, ...next }, origin));
  });
}
