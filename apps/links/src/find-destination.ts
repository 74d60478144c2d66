import type { Destination, Use } from "./uses.ts";

/** Where a code leads, as this instance remembers it or the database says. Undefined: there is no such link. */
export function findDestination(code: string, { db, hot }: Pick<Use, "db" | "hot">): Promise<Destination | undefined> {
  return hot.getOrLoad(code, () => loadDestination(db.replica, code));
}

/** The same as the database itself says. */
export async function loadDestination(queries: Use["db"]["replica"], code: string): Promise<Destination | undefined> {
  const link = await queries
    .selectFrom("link")
    .select(["id", "target", "state"])
    .where("code", "=", code)
    .executeTakeFirst();
  if (!link) return undefined;
  const id = Number(link.id);
  return link.state === "active" ? { to: link.target, id } : { archived: true, id };
}
