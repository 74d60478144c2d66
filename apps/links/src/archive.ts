import type { Request } from "trellis";
import { type LinksRoute, UnknownCode } from "./contract.ts";
import { findLink } from "./find-link.ts";
import type { Use } from "./uses.ts";

/** Ends a link. Ending it again changes nothing and is as good. */
export async function archive({ params, actor }: Request<LinksRoute<"archive">>, { db, hot, edge }: Use) {
  const { code } = params;
  return db.transaction(async (tx) => {
    const rows = db.in(tx);
    const link = await findLink(rows, actor.workspace, code, "for update");
    if (!link) return UnknownCode({ code });
    if (link.state === "archived") return undefined;
    await rows.updateTable("link").set({ state: "archived" }).where("id", "=", link.id).execute();
    await hot.in(tx).delete(code);
    await edge.in(tx).purge(code);
    return undefined;
  });
}
