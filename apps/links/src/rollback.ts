import type { Request } from "trellis";
import { LinkArchived, type LinksRoute, UnknownCode, UnknownVersion } from "./contract.ts";
import { findLink, toLink } from "./find-link.ts";
import { nextVersion } from "./next-version.ts";
import type { Use } from "./uses.ts";

/** Gives a link the target of an earlier version again. Versions only grow: this is the next one. */
export async function rollback(request: Request<LinksRoute<"rollback">>, use: Use) {
  const { params, body, actor, origin, now, once } = request;
  const { code } = params;
  return use.db.transaction(async (tx) => {
    const rows = use.db.in(tx);
    const link = await findLink(rows, actor.workspace, code, "for update");
    if (!link) return UnknownCode({ code });
    if (link.state === "archived") return LinkArchived({ code });
    const wanted = await rows
      .selectFrom("link_version")
      .select("target")
      .where("link_id", "=", link.id)
      .where("version", "=", body.version)
      .executeTakeFirst();
    if (!wanted) return UnknownVersion({ code, version: body.version });
    return once(tx, toLink(await nextVersion(use, tx, link, wanted.target, now()), origin));
  });
}
