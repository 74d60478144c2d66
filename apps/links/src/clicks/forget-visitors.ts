import type { Context } from "trellis";
import type { Use } from "../uses.ts";
import { saltOf } from "./facts/visitors.ts";
import { dayOf } from "./hours.ts";

/**
 * Throws away the salts of days before yesterday: from then on nobody can tell whose their marks were. Makes tomorrow's,
 * so that every instance has it before midnight.
 */
export async function forgetVisitors({ now }: Pick<Context, "now">, { db }: Pick<Use, "db">): Promise<void> {
  const today = dayOf(now());
  await saltOf(db, today + 1);
  await db
    .deleteFrom("visitor_salt")
    .where("day", "<", today - 1)
    .execute();
}
