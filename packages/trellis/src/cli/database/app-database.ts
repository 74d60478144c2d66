import type { Log } from "../../model/log.ts";
import type { Settings } from "../../model/settings.ts";
import { keepDatabase } from "../../supervisor/keep-database.ts";
import type { SupervisorEvent } from "../../supervisor/supervisor-event.ts";
import type { DataFolder, RunningApp } from "../folder/data-folder.ts";
import type { World } from "../world.ts";

/** The database of an app that runs on this machine. */
export interface AppDatabase {
  readonly url: string;
  /** What other commands on this machine may know of it. */
  readonly announced: Pick<RunningApp, "databaseUrl">;
  /** Ends the server, if it is ours. */
  stop(): Promise<void>;
}

export interface AppDatabaseParts {
  readonly settings: Settings;
  readonly data: DataFolder;
  readonly log: Log;
  readonly onEvent: (event: SupervisorEvent) => void;
  /** The file in which an embedded server says what it has to say, which outlives this process if that is killed. */
  readonly logFile?: string;
}

/** The server that DATABASE_URL names; else the embedded one, started and kept running. */
export async function openAppDatabase(parts: AppDatabaseParts, { clock, random }: World): Promise<AppDatabase> {
  const { settings, data, log, onEvent, logFile } = parts;
  if (settings.databaseUrl) {
    onEvent({ event: "database", origin: "networked" });
    return { url: settings.databaseUrl, announced: {}, stop: () => Promise.resolve() };
  }
  const { startEmbeddedPostgres } = await import("../../blocks/database/embedded/start-embedded-postgres.ts");
  const options = {
    data: data.postgres,
    connectionsMax: settings.databaseConnectionsMax,
    clock,
    log,
    // Instances may go on with it whose supervisor was killed.
    adopts: true,
    ...(logFile === undefined ? {} : { outlives: { logFile } }),
  };
  const kept = await keepDatabase({ start: () => startEmbeddedPostgres(options), clock, random, onEvent });
  return { url: kept.url, announced: { databaseUrl: kept.url }, stop: () => kept.stop() };
}
