import type { TestDatabase } from "../database/test-database.contract.ts";
import { streamMigrations } from "./migrations.ts";
import { spoolMigrations } from "./spool/spool-table.ts";

/** For tests: the tables of streams and spools. */
export async function migrateStreams(server: TestDatabase): Promise<void> {
  const engine = server.engine();
  await engine.migrate(streamMigrations);
  await engine.migrate(spoolMigrations);
}
