import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrationProblems } from "../../blocks/database/migrating/migration-problems.ts";
import type { DatabaseEngine, Migrations } from "../../blocks/database/port.ts";
import { TrellisError } from "../../model/errors.ts";

/**
 * Looks at the migrations that have not run yet: the release that serves goes on while they run, and after. Throws
 * `incompatible-migration` with every statement that it could not live with.
 */
export async function checkMigrations(engine: DatabaseEngine, migrations: Migrations): Promise<void> {
  const pending = await engine.pendingMigrations(migrations);
  const folder = migrations.folder.startsWith("file:") ? fileURLToPath(migrations.folder) : migrations.folder;
  const fields: { readonly field: string; readonly problem: string }[] = [];
  for (const { file } of pending) {
    const problems = await migrationProblems(await readFile(join(folder, file), "utf8"));
    fields.push(...problems.map(({ line, says }) => ({ field: `${migrations.owner}/${file}:${line}`, problem: says })));
  }
  const [first] = fields;
  if (!first) return;
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : "";
  throw new TrellisError("incompatible-migration", { says: `${first.field}: ${first.problem}${more}`, fields });
}
