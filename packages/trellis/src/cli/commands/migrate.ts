import { appHere } from "../app-here.ts";
import { command, dataOption } from "../command.ts";
import { allMigrations } from "../database/all-migrations.ts";
import { useDatabase } from "../database/use-database.ts";
import { dataPath } from "../folder/data-folder.ts";
import { table } from "../text/table.ts";

export const migrate = command({
  name: "migrate",
  about: [
    "Runs the migrations that have not run yet, of the platform and of every service, each in a transaction.",
    "`start` and every instance do the same by themselves; this is for doing it at a moment of your choice.",
  ].join("\n"),
  options: {
    "dry-run": { says: "only show what would run" },
    data: dataOption,
  },
  run: async ({ options }, world) => {
    const { plan } = await appHere(world);
    const place = { settings: plan.settings, dataPath: dataPath(options.data, world) };
    const dryRun = options["dry-run"];
    const ran = await useDatabase(place, world, async ({ engine }) => {
      const found = [];
      for (const migrations of allMigrations(plan))
        found.push(...(await (dryRun ? engine.pendingMigrations(migrations) : engine.migrate(migrations))));
      return found;
    });
    const title = dryRun ? "Would run:" : "Ran:";
    const rows = ran.map(({ owner, file }) => [owner, file]);
    const text = ran.length === 0 ? "Every migration has run." : `${title}\n${table(rows, "  ")}`;
    world.output.answer(dryRun ? { pending: ran } : { ran }, text);
    return 0;
  },
});
