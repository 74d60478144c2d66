import { userInfo } from "node:os";
import { dirname } from "node:path";
import { readSettings } from "../../model/settings.ts";
import { command, dataOption } from "../command.ts";
import { entryFile } from "../entry-file.ts";
import { dataPath } from "../folder/data-folder.ts";
import { findConfig } from "../load-app.ts";
import { systemdUnit } from "../text/systemd-unit.ts";

export const exportSystemd = command({
  name: "export systemd",
  about: [
    "Prints a unit file by which systemd runs the app of this folder, as the user who asks for it: started with the",
    "machine, and again after a crash, while its instances serve on. Settings go into /etc/default/NAME.",
  ].join("\n"),
  options: { name: { value: "NAME", says: "the unit's name (trellis)" }, data: dataOption },
  run: async ({ options }, world) => {
    const settings = readSettings(world.environment);
    const unit = systemdUnit({
      name: options.name ?? "trellis",
      folder: dirname(findConfig(world.folder)),
      data: dataPath(options.data, world),
      user: userInfo().username,
      node: process.execPath,
      entry: entryFile,
      stopMs: settings.drainTimeoutMs,
    });
    world.output.answer({ unit }, unit.trimEnd());
    return 0;
  },
});
