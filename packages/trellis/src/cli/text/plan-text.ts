import { countText, type Group } from "../../model/group.ts";
import type { Plan, Stage } from "../../model/plan.ts";
import { settingTable } from "../../model/settings.ts";
import type { PlannedSchedule } from "../planned-schedules.ts";
import { amount } from "./amount.ts";
import { settingValue } from "./plan-facts.ts";
import { table } from "./table.ts";

const stages: Readonly<Record<Stage, string>> = {
  1: "one machine",
  2: "separate database",
  3: "load balanced",
  4: "full distribution",
};

type Rows = readonly (readonly string[])[];

/** The plan for people: one aligned table a section. */
export function planText(plan: Plan, schedules: readonly PlannedSchedule[]): string {
  const pages = plan.services.flatMap(({ contract, pages }) => pages?.at.map((path) => [path, contract.name]) ?? []);
  const sections: readonly (readonly [string, Rows])[] = [
    ["Services", plan.services.map(({ contract, uses }) => [contract.name, usesText(uses)])],
    [
      "Routes",
      plan.routes.map(({ method, path, service, name, allow }) => [method, path, `${service}.${name}`, allow]),
    ],
    ...(pages.length > 0 ? [["Pages", pages] as const] : []),
    ["Calls", plan.calls.map(({ from, to, url, group }) => [from, `→ ${to}`, url ?? wayText(group)])],
    [
      "Schedules",
      schedules.map(({ service, name, spec, zone, missed, next }) => [
        `${service}.${name}`,
        zone === undefined ? spec : `${spec} (${zone})`,
        `next ${next}`,
        missed === "skip" ? "missed ones are skipped" : "missed ones are made up for once",
      ]),
    ],
    ["Engines", plan.engines.map(({ block, engine, because }) => [block, engine, because])],
    ["Instances", plan.groups.map(groupRow)],
    ["Limits", plan.limits.map((limit) => [limit.name, amount(limit.value, limit.unit), limit.set])],
    ["Settings", settingRows(plan)],
  ];
  const shown = sections.map(([title, rows]) => `${title}\n${rows.length === 0 ? "  none" : table(rows, "  ")}`);
  return [
    `Stage ${plan.stage}: ${stages[plan.stage]}`,
    ...plan.because.map((reason) => `  ${reason}`),
    "",
    shown.join("\n\n"),
  ].join("\n");
}

function usesText(uses: Plan["services"][number]["uses"]): string {
  const blocks = Object.entries(uses).map(([name, { kind }]) => `${name} (${kind})`);
  return blocks.length === 0 ? "no blocks" : blocks.join(", ");
}

function wayText(group: string | undefined): string {
  return group === undefined ? "in process where both run, else over HTTP" : `over HTTP, to the instances of ${group}`;
}

function groupRow({ name, role, instances, scale, services, answers, works }: Group): readonly string[] {
  const does = answers && works ? "answers and works" : answers ? "answers" : "works";
  const kind = name === role ? "" : ` (${role})`;
  return [`${name}${kind}`, countText(scale ?? instances), services.join(", ") || "no services", does];
}

function settingRows({ settings }: Plan): Rows {
  return Object.entries(settingTable).map(([name, { variable, meaning }]) => {
    const value = settingValue(name, settings[name as keyof typeof settings]);
    const unit = name.endsWith("Ms") ? "ms" : name.includes("Bytes") ? "bytes" : undefined;
    const text = typeof value === "number" && unit ? amount(value, unit) : String(value);
    return [variable, text || "(unset)", meaning];
  });
}
