import { openDatabaseEngine } from "../../blocks/database/open-database-engine.ts";
import type { DatabaseEngine } from "../../blocks/database/port.ts";
import type { Log } from "../../model/log.ts";
import type { Settings } from "../../model/settings.ts";
import type { World } from "../world.ts";

/** The database for a command's own few statements. */
export function openEngine(url: string, settings: Settings, log: Log, { clock, random }: World): DatabaseEngine {
  const { mode, statementTimeoutMs } = settings;
  return openDatabaseEngine({ url, poolMax: 1, pipelines: 1, statementTimeoutMs, mode, log, clock, random });
}
