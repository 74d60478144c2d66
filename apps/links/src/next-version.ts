import type { Transaction } from "trellis";
import type { LinkRow } from "./find-link.ts";
import type { Use } from "./uses.ts";

/** Gives a link that is locked a new target, in `tx`: what it was remains as a version. */
export async function nextVersion(
  { db, hot, edge }: Use,
  tx: Transaction,
  link: LinkRow,
  target: string,
  nowMs: number,
): Promise<LinkRow> {
  const rows = db.in(tx);
  const next = { target, version: link.version + 1 };
  await rows.updateTable("link").set(next).where("id", "=", link.id).execute();
  await rows
    .insertInto("link_version")
    .values({ ...next, link_id: link.id, created_at: new Date(nowMs) })
    .execute();
  await hot.in(tx).delete(link.code);
  await edge.in(tx).purge(link.code);
  return { ...link, ...next };
}
