import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSettings } from "../../model/settings.ts";
import { openLog } from "../../runtime/pino-log.ts";
import type { DataFolder } from "../folder/data-folder.ts";
import type { World } from "../world.ts";
import { openAppDatabase } from "./app-database.ts";

/** Ends the embedded server that a killed supervisor has left running, if there is one. */
export async function endLeftDatabase(data: DataFolder, world: World): Promise<void> {
  if (!existsSync(join(data.postgres, "postmaster.pid"))) return;
  const settings = { ...readSettings(world.environment), databaseUrl: "" };
  const log = openLog({ level: settings.logLevel });
  const lock = data.lock();
  try {
    const logFile = join(data.logs, "postgres.log");
    const database = await openAppDatabase({ settings, data, log, logFile, onEvent: () => undefined }, world);
    await database.stop();
  } finally {
    lock.release();
  }
}
