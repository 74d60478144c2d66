import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { restoreBackup } from "../../blocks/database/backup/restore.ts";
import { TrellisError } from "../../model/errors.ts";
import { command, dataOption } from "../command.ts";
import { dataPath, openDataFolder } from "../folder/data-folder.ts";

export const restore = command({
  name: "restore",
  about: [
    "Makes a data folder from a file of `trellis backup`, every byte of it checked. Never over data that are there: give a",
    "new folder with --data, look at it with `trellis start --data DIR`, then put it in the place of the old one.",
  ].join("\n"),
  args: [{ name: "FILE", says: "the backup" }],
  options: { data: dataOption },
  run: async ({ options, args: [file = ""] }, world) => {
    const backup = resolve(world.folder, file);
    if (!existsSync(backup)) throw new TrellisError("usage", { says: `There is no file ${backup}` });
    const path = dataPath(options.data, world);
    const isNew = !existsSync(path);
    const data = openDataFolder(path);
    const lock = data.lock();
    try {
      await restoreBackup(backup, data.postgres);
    } catch (error) {
      if (isNew) rmSync(path, { recursive: true, force: true });
      throw error;
    } finally {
      lock.release();
    }
    world.output.answer({ data: path }, `Restored into ${path}.`);
    return 0;
  },
});
