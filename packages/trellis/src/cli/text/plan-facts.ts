import type { Plan } from "../../model/plan.ts";
import { settingTable } from "../../model/settings.ts";
import type { PlannedSchedule } from "../planned-schedules.ts";

const secrets: ReadonlySet<string> = new Set(["databaseUrl", "secret"]);

/** The plan as JSON: everything but code and secrets. */
export function planFacts(
  { services, database, settings, ...plain }: Plan,
  schedules: readonly PlannedSchedule[],
): object {
  return {
    ...plain,
    services: services.map(({ contract, uses, pages }) => ({
      name: contract.name,
      ...(pages ? { pages: pages.at } : {}),
      uses: Object.entries(uses).map(([name, { kind }]) => ({ name, kind })),
    })),
    schedules,
    database: { poolMax: database.poolMax, pipelines: database.pipelines },
    settings: Object.entries(settingTable).map(([name, { variable, meaning }]) => ({
      variable,
      value: settingValue(name, settings[name as keyof typeof settings]),
      meaning,
    })),
  };
}

/** What a setting is now, as it may be shown. */
export function settingValue(name: string, value: string | number): string | number {
  if (!secrets.has(name)) return value;
  return value === "" ? "" : "(set)";
}
