import { milliseconds } from "../../model/duration.ts";
import type { Limit } from "../../model/limit.ts";

/** As people write it, in the largest unit that gives a whole number: `30s`, `1MB`, `16 connections`. */
export function amount(value: number, unit: Limit["unit"]): string {
  const units = scales[unit];
  if (!units) return `${value} ${unit}`;
  const fitting = units.find(({ of }) => (value === 0 ? of === 1 : value % of === 0));
  return fitting ? `${value / fitting.of}${fitting.name}` : `${value} ${unit}`;
}

interface Scale {
  readonly name: string;
  readonly of: number;
}

const scales: Partial<Readonly<Record<Limit["unit"], readonly Scale[]>>> = {
  ms: (["d", "h", "m", "s", "ms"] as const).map((name) => ({ name, of: milliseconds(`1${name}`) })),
  bytes: [
    { name: "GB", of: 2 ** 30 },
    { name: "MB", of: 2 ** 20 },
    { name: "KB", of: 2 ** 10 },
    { name: "B", of: 1 },
  ],
};
