import { milliseconds } from "../model/duration.ts";
import type { Limit } from "../model/limit.ts";
import type { Plan, Stage } from "../model/plan.ts";
import { settingTable } from "../model/settings.ts";
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
export function planText(plan: Plan): string {
  const sections: readonly (readonly [string, Rows])[] = [
    ["Services", plan.services.map(({ contract, uses }) => [contract.name, usesText(uses)])],
    [
      "Routes",
      plan.routes.map(({ method, path, service, name, allow }) => [method, path, `${service}.${name}`, allow]),
    ],
    [
      "Calls",
      plan.calls.map(({ from, to, url }) => [from, `→ ${to}`, url ?? "in process where both run, else over HTTP"]),
    ],
    ["Engines", plan.engines.map(({ block, engine, because }) => [block, engine, because])],
    ["Instances", Object.entries(plan.instances).map(([role, count]) => [role, String(count)])],
    ["Limits", plan.limits.map((limit) => [limit.name, amount(limit), limit.set])],
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

function settingRows({ settings }: Plan): Rows {
  return Object.entries(settingTable).map(([name, { variable, meaning }]) => [
    variable,
    String(settingValue(name, settings[name as keyof typeof settings])) || "(unset)",
    meaning,
  ]);
}

/** 30000 ms as `30s`, 1048576 bytes as `1MB`; others with their unit. */
function amount({ value, unit }: Limit): string {
  if (unit === "ms") return largestUnit(value, durationUnits) ?? `${value}ms`;
  if (unit === "bytes") return largestUnit(value, sizeUnits) ?? `${value}B`;
  return `${value} ${unit}`;
}

const durationUnits = (["d", "h", "m", "s"] as const).map((unit) => ({ unit, of: milliseconds(`1${unit}`) }));
const sizeUnits = [
  { unit: "GB", of: 2 ** 30 },
  { unit: "MB", of: 2 ** 20 },
  { unit: "KB", of: 2 ** 10 },
];

/** In the largest unit that gives a whole number. */
function largestUnit(
  value: number,
  units: readonly { readonly unit: string; readonly of: number }[],
): string | undefined {
  const fitting = units.find(({ of }) => value > 0 && value % of === 0);
  return fitting && `${value / fitting.of}${fitting.unit}`;
}
