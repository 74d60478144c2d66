import type { DatabaseEngine } from "../../blocks/database/port.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import type { Settings } from "../../model/settings.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { type DataFolder, openDataFolder } from "../folder/data-folder.ts";
import type { World } from "../world.ts";
import { openAppDatabase } from "./app-database.ts";
import { openEngine } from "./open-engine.ts";

export interface DatabaseUse {
  readonly url: string;
  readonly engine: DatabaseEngine;
  readonly log: Log;
}

/**
 * Lets a command work on the app's database: the server that DATABASE_URL names, else the embedded one of the app that
 * runs, else the embedded one started for the moment.
 */
export async function useDatabase<T>(
  { settings, dataPath }: { readonly settings: Settings; readonly dataPath: string },
  world: World,
  run: (use: DatabaseUse) => Promise<T>,
): Promise<T> {
  const log = openLog({ level: settings.logLevel === "silent" ? "silent" : "warn" });
  const useAt = async (url: string): Promise<T> => {
    const engine = openEngine(url, settings, log, world);
    try {
      return await run({ url, engine, log });
    } finally {
      await engine.close();
    }
  };
  if (settings.databaseUrl) return useAt(settings.databaseUrl);
  const data = openDataFolder(dataPath);
  const running = data.running();
  if (!running) return startForTheMoment({ settings, data, log }, world, useAt);
  if (running.databaseUrl !== undefined) return useAt(running.databaseUrl);
  throw new TrellisError("invalid-setting", {
    says: `The app that runs on ${dataPath} (process ${running.pid}) has a networked database, and DATABASE_URL is unset here`,
    cure: "Set DATABASE_URL as it is for the app.",
  });
}

async function startForTheMoment<T>(
  parts: { readonly settings: Settings; readonly data: DataFolder; readonly log: Log },
  world: World,
  useAt: (url: string) => Promise<T>,
): Promise<T> {
  const lock = parts.data.lock();
  try {
    const database = await openAppDatabase({ ...parts, onEvent: () => undefined }, world);
    try {
      return await useAt(database.url);
    } finally {
      await database.stop();
    }
  } finally {
    lock.release();
  }
}
