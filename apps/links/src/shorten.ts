import type { Request } from "trellis";
import { AliasReserved, AliasTaken, type LinksRoute } from "./contract.ts";
import { type LinkRow, toLink } from "./find-link.ts";
import { isReserved } from "./reserved.ts";
import { checkTarget, ownAddresses } from "./target.ts";
import type { Use } from "./uses.ts";

/** Makes a link. Where someone's alias has the code that was to be generated, the next code is taken. */
export async function shorten(request: Request<LinksRoute<"shorten">>, { db, hot, codes }: Use) {
  const { body, actor, origin, now, once } = request;
  if (body.alias !== undefined && isReserved(body.alias)) return AliasReserved({ alias: body.alias });
  const target = checkTarget(body.target, ownAddresses(request));
  if (typeof target !== "string") return target;
  for (;;) {
    const minted = await codes.take(db);
    const row: LinkRow = {
      id: minted.id,
      code: body.alias ?? minted.code,
      workspace: actor.workspace,
      target,
      state: "active",
      version: 1,
      created_at: new Date(now()),
    };
    const made = await db.transaction(async (tx) => {
      const rows = db.in(tx);
      const inserted = await rows
        .insertInto("link")
        .values(row)
        .onConflict((conflict) => conflict.column("code").doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 0n)
        return body.alias === undefined ? undefined : AliasTaken({ alias: body.alias });
      const { id, version, created_at } = row;
      await rows.insertInto("link_version").values({ link_id: id, version, target, created_at }).execute();
      await rows.insertInto("link_total").values({ link_id: id, workspace: row.workspace }).execute();
      // It may be remembered that there is no such link.
      await hot.in(tx).delete(row.code);
      return once(tx, toLink(row, origin));
    });
    if (made) return made;
  }
}
