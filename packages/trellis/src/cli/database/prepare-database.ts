import type { DatabaseEngine } from "../../blocks/database/port.ts";
import { openApiKeys } from "../../blocks/identity/api-keys.ts";
import type { Clock } from "../../model/clock.ts";
import type { Plan } from "../../model/plan.ts";
import { allMigrations } from "./all-migrations.ts";

export interface PreparedDatabase {
  /** How many migrations had not run yet. */
  readonly migrated: number;
  /** The first owner's key: only when it was made just now. */
  readonly ownerKey?: string;
}

/** Makes the database fit for the plan's instances. */
export async function prepareDatabase(engine: DatabaseEngine, plan: Plan, clock: Clock): Promise<PreparedDatabase> {
  let migrated = 0;
  for (const migrations of allMigrations(plan)) migrated += (await engine.migrate(migrations)).length;
  const ownerKey = await openApiKeys({ sql: engine.platform, clock }).firstOwnerKey();
  return { migrated, ...(ownerKey === undefined ? {} : { ownerKey }) };
}
