import type { Request } from "trellis";
import { type LinksRoute, UnknownCode } from "./contract.ts";
import { findLink, toLink } from "./find-link.ts";
import type { Use } from "./uses.ts";

/** Takes an archived link back. One that is not archived stays as it is. */
export async function restore({ params, actor, origin, once }: Request<LinksRoute<"restore">>, { db, hot, edge }: Use) {
  const { code } = params;
  return db.transaction(async (tx) => {
    const rows = db.in(tx);
    const link = await findLink(rows, actor.workspace, code, "for update");
    if (!link) return UnknownCode({ code });
    if (link.state === "archived") {
      await rows.updateTable("link").set({ state: "active" }).where("id", "=", link.id).execute();
      await hot.in(tx).delete(code);
      await edge.in(tx).purge(code);
    }
    return once(tx, toLink({ ...link, state: "active" }, origin));
  });
}
