import type { Request } from "trellis";
import { type LinksRoute, UnknownCode } from "../../contract.ts";
import { findLink } from "../../find-link.ts";
import type { Use } from "../../uses.ts";

/** A link's clicks as they are counted. */
export async function live({ params, actor, signal }: Request<LinksRoute<"live">>, use: Use) {
  const link = await findLink(use.db.replica, actor.workspace, params.code);
  return link ? use.live.watch(use, Number(link.id), signal) : UnknownCode({ code: params.code });
}
