import type { Request } from "trellis";
import { LinkArchived, type LinksRoute, StaleVersion, UnknownCode } from "./contract.ts";
import { findLink, toLink } from "./find-link.ts";
import { nextVersion } from "./next-version.ts";
import { checkTarget, ownAddresses } from "./target.ts";
import type { Use } from "./uses.ts";

/** Gives a link a new target, as its next version. */
export async function change(request: Request<LinksRoute<"change">>, use: Use) {
  const { params, body, actor, origin, now, once } = request;
  const { code } = params;
  const target = checkTarget(body.target, ownAddresses(request));
  if (typeof target !== "string") return target;
  return use.db.transaction(async (tx) => {
    const link = await findLink(use.db.in(tx), actor.workspace, code, "for update");
    if (!link) return UnknownCode({ code });
    if (link.state === "archived") return LinkArchived({ code });
    if (body.version !== undefined && body.version !== link.version)
      return StaleVersion({ code, version: link.version });
    return once(tx, toLink(await nextVersion(use, tx, link, target, now()), origin));
  });
}
