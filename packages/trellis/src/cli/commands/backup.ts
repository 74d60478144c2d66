import { resolve } from "node:path";
import { backUp } from "../../blocks/database/backup/backup.ts";
import { TrellisError } from "../../model/errors.ts";
import { readSettings } from "../../model/settings.ts";
import { command, dataOption } from "../command.ts";
import { useDatabase } from "../database/use-database.ts";
import { dataPath } from "../folder/data-folder.ts";

export const backup = command({
  name: "backup",
  about: [
    "Writes the whole embedded database into one file, also while the app runs: everything that was committed when it",
    "ends is in it. The file is there whole or not at all. `trellis restore` makes a data folder of it.",
  ].join("\n"),
  args: [{ name: "FILE", says: "where to write it, such as monday.tar.gz" }],
  options: { data: dataOption },
  run: async ({ options, args: [file = ""] }, world) => {
    const { environment, folder, output } = world;
    const settings = readSettings(environment);
    if (settings.databaseUrl)
      throw new TrellisError("usage", {
        says: "DATABASE_URL is set, and this backs up the embedded database only",
        cure: "Back that server up by its own means, such as pg_basebackup, or unset DATABASE_URL.",
      });
    const place = { settings, dataPath: dataPath(options.data, world) };
    const made = await useDatabase(place, world, ({ url }) => backUp(url, resolve(folder, file)));
    output.answer(made, `${made.file}: ${(made.bytes / 2 ** 20).toFixed(1)} MB`);
    return 0;
  },
});
