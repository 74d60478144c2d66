import { findBinaries } from "../../blocks/database/embedded/binaries.ts";
import { hasCluster } from "../../blocks/database/embedded/data-folder.ts";
import type { DatabaseEngine } from "../../blocks/database/port.ts";
import type { Plan } from "../../model/plan.ts";
import type { Settings } from "../../model/settings.ts";
import type { Sql } from "../../model/sql.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { allMigrations } from "../database/all-migrations.ts";
import { openEngine } from "../database/open-engine.ts";
import { existingDataFolder } from "../folder/data-folder.ts";
import type { World } from "../world.ts";
import { examine, type Finding, note, ok, wrong } from "./finding.ts";

export interface DatabaseToCheck {
  readonly settings: Settings;
  readonly dataPath: string;
  /** Undefined where the app could not be loaded. */
  readonly plan: Plan | undefined;
}

/** The server that runs, if one does; else whether the embedded one could be started. Starts nothing. */
export async function checkDatabase(place: DatabaseToCheck, world: World): Promise<readonly Finding[]> {
  const { settings, dataPath } = place;
  const data = existingDataFolder(dataPath);
  const url = settings.databaseUrl || data?.running()?.databaseUrl;
  if (url) return checkServer(url, place, world);
  await findBinaries();
  const says = data && (await hasCluster(data.postgres)) ? "not running; start starts it" : "made at the first start";
  return [ok("database", `embedded PostgreSQL 18, ${says}`), ok("migrations", "looked at when the database runs")];
}

async function checkServer(
  url: string,
  { settings, plan }: DatabaseToCheck,
  world: World,
): Promise<readonly Finding[]> {
  const engine = openEngine(url, settings, openLog({ level: "silent" }), world);
  try {
    const server = await examine("database", () => checkFacts(engine.platform, settings, world.clock.now()));
    if (server.some(({ state }) => state === "wrong") || !plan) return server;
    return [...server, ...(await examine("migrations", () => checkMigrations(engine, plan)))];
  } finally {
    await engine.close();
  }
}

const majorMin = 14;
const clockDriftMaxMs = 2_000;

async function checkFacts(sql: Sql, settings: Settings, now: number): Promise<readonly Finding[]> {
  const [facts] = await sql.query<{ version: number; connections: number; now: string }>(
    `select current_setting('server_version_num')::int as version,
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as connections,
            (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now`,
  );
  if (!facts)
    return [wrong("database", "The server answers nothing", "Check that DATABASE_URL names a PostgreSQL server.")];
  const major = Math.floor(facts.version / 10_000);
  const driftMs = Math.abs(Number(facts.now) - now);
  return [
    major >= majorMin
      ? ok("database", `PostgreSQL ${major} answers`)
      : wrong(
          "database",
          `PostgreSQL ${major} is older than ${majorMin}`,
          `Upgrade the server to PostgreSQL ${majorMin} or newer.`,
        ),
    checkConnections(facts.connections, settings.databaseConnectionsMax),
    ...(driftMs > clockDriftMaxMs
      ? [
          note(
            "clock",
            `The database's clock differs by ${Math.round(driftMs / 1_000)} s`,
            "Set both by a time service.",
          ),
        ]
      : []),
  ];
}

function checkConnections(there: number, wanted: number): Finding {
  const says = `${there} for everyone; this app opens at most ${wanted}`;
  if (there >= wanted) return ok("connections", says);
  return wrong("connections", says, "Lower TRELLIS_DATABASE_CONNECTIONS, or raise max_connections of the server.");
}

async function checkMigrations(engine: DatabaseEngine, plan: Plan): Promise<readonly Finding[]> {
  const pending = [];
  for (const migrations of allMigrations(plan)) pending.push(...(await engine.pendingMigrations(migrations)));
  if (pending.length === 0) return [ok("migrations", "all have run")];
  const files = pending.map(({ owner, file }) => `${owner} ${file}`).join(", ");
  return [note("migrations", `have not run yet: ${files}`, "trellis migrate runs them; so does the next start.")];
}
