import type { Request } from "trellis";
import type { LinksRoute } from "./contract.ts";
import { countedLinks } from "./counted-links.ts";
import type { Use } from "./uses.ts";

/**
 * A page of the workspace's links. The cursor is the last id, permuted as codes are, behind its number of clicks where
 * they give the order: whatever comes between two pages neither repeats nor hides a link, but for those that clicks have
 * moved meanwhile, and nobody reads from it how many links there are.
 */
export async function list({ query, actor, origin, now }: Request<LinksRoute<"list">>, { db, codes }: Use) {
  const { limit, sort } = query;
  const permutation = await codes.codes(db);
  const found = await pageOf(
    db,
    actor.workspace,
    query,
    origin,
    readCursor(query.cursor, (code) => permutation.idOf(code)),
  )
    .limit(limit + 1)
    .execute();
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  const place = last && permutation.codeOf(Number(last.id));
  return {
    links: await countedLinks(db.replica, shown, origin, now()),
    next: last && place ? (sort === "most-followed" ? `${last.humans}-${place}` : place) : null,
  };
}

/** The last link of the page before. */
interface Place {
  readonly id: bigint;
  readonly humans: bigint;
}

function readCursor(cursor: string | undefined, idOf: (code: string) => number | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const [code = "", humans = "0"] = cursor.split("-").toReversed();
  const id = idOf(code);
  return id === undefined ? undefined : { id: BigInt(id), humans: BigInt(humans) };
}

function pageOf(
  db: Use["db"],
  workspace: string,
  { state, q, sort }: Pick<Request<LinksRoute<"list">>["query"], "state" | "q" | "sort">,
  origin: string,
  after: Place | undefined,
) {
  let page = db.replica
    .selectFrom("link")
    .innerJoin("link_total as total", "total.link_id", "link.id")
    .selectAll("link")
    .select(["total.humans", "total.bots", "total.previews", "total.heads"])
    // Both, so that either order finds its index.
    .where("link.workspace", "=", workspace)
    .where("total.workspace", "=", workspace);
  if (state !== "all") page = page.where("link.state", "=", state);
  const sought = q?.startsWith(`${origin}/`) ? q.slice(origin.length + 1) : q;
  if (sought) {
    const like = `%${sought.replaceAll(/[\\%_]/g, "\\$&")}%`;
    page = page.where(({ or, eb }) => or([eb("link.code", "ilike", like), eb("link.target", "ilike", like)]));
  }
  if (sort === "oldest") {
    if (after) page = page.where("link.id", ">", after.id);
    return page.orderBy("link.id", "asc");
  }
  if (sort === "newest") {
    if (after) page = page.where("link.id", "<", after.id);
    return page.orderBy("link.id", "desc");
  }
  if (after)
    page = page.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("total.humans", "total.link_id"), "<", tuple(after.humans, after.id)),
    );
  return page.orderBy("total.humans", "desc").orderBy("total.link_id", "desc");
}
