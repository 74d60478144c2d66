import type { Request } from "trellis";
import type { LinksRoute } from "./contract.ts";
import { toLink } from "./find-link.ts";
import type { Use } from "./uses.ts";

/**
 * A page of the workspace's links, the newest first. The cursor is the last id, permuted as codes are: whatever comes
 * between two pages neither repeats nor hides a link, and nobody reads from it how many links there are.
 */
export async function list({ query, actor, origin }: Request<LinksRoute<"list">>, { db, codes }: Use) {
  const { cursor, limit, state } = query;
  const permutation = await codes.codes(db);
  const before = cursor === undefined ? undefined : permutation.idOf(cursor);
  let page = db.replica
    .selectFrom("link")
    .selectAll()
    .where("workspace", "=", actor.workspace)
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (before !== undefined) page = page.where("id", "<", BigInt(before));
  if (state !== "all") page = page.where("state", "=", state);
  const found = await page.execute();
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return {
    links: shown.map((row) => toLink(row, origin)),
    next: last ? permutation.codeOf(Number(last.id)) : null,
  };
}
