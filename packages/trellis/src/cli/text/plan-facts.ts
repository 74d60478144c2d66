import { fileURLToPath } from "node:url";
import { countText, type InstanceCount } from "../../model/group.ts";
import type { Plan } from "../../model/plan.ts";
import { settingTable } from "../../model/settings.ts";
import { allMigrations } from "../database/all-migrations.ts";
import type { PlannedSchedule } from "../planned-schedules.ts";

const secrets: ReadonlySet<string> = new Set(["databaseUrl", "secret"]);

/** The plan as JSON: everything but code and secrets. */
export function planFacts(plan: Plan, schedules: readonly PlannedSchedule[]): object {
  const { services, database, settings, ...plain } = plan;
  return {
    ...plain,
    services: services.map(({ contract, uses, pages }) => ({
      name: contract.name,
      ...(pages ? { pages: pages.at, pagesFolder: pathOf(pages.folder) } : {}),
      uses: Object.entries(uses).map(([name, { kind }]) => ({ name, kind })),
    })),
    schedules,
    migrations: allMigrations(plan),
    database: { poolMax: database.poolMax, pipelines: database.pipelines },
    settings: Object.entries(settingTable).map(([name, { variable, meaning }]) => ({
      variable,
      value: settingValue(name, settings[name as keyof typeof settings]),
      meaning,
    })),
  };
}

function pathOf(folder: string): string {
  return folder.startsWith("file:") ? fileURLToPath(folder) : folder;
}

/** What a setting is now, as it may be shown. */
export function settingValue(name: string, value: string | InstanceCount): string | number {
  if (typeof value === "object") return countText(value);
  if (!secrets.has(name)) return value;
  return value === "" ? "" : "(set)";
}
