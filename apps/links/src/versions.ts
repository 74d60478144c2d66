import type { Request } from "trellis";
import { type LinksRoute, UnknownCode } from "./contract.ts";
import { findLink } from "./find-link.ts";
import type { Use } from "./uses.ts";

/** A page of the targets that a link has had, the newest first. */
export async function versions({ params, query, actor }: Request<LinksRoute<"versions">>, { db }: Use) {
  const { code } = params;
  const link = await findLink(db.replica, actor.workspace, code);
  if (!link) return UnknownCode({ code });
  let page = db.replica
    .selectFrom("link_version")
    .select(["version", "target", "created_at"])
    .where("link_id", "=", link.id)
    .orderBy("version", "desc")
    .limit(query.limit + 1);
  if (query.cursor !== undefined) page = page.where("version", "<", query.cursor);
  const found = await page.execute();
  const shown = found.slice(0, query.limit);
  return {
    versions: shown.map(({ version, target, created_at }) => ({
      version,
      target,
      createdAt: created_at.toISOString(),
    })),
    next: found.length > query.limit ? (shown.at(-1)?.version ?? null) : null,
  };
}
