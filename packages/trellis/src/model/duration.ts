import { TrellisError } from "./errors.ts";

/** A length of time as people write it: "250ms", "30s", "5m", "1h", "7d". */
export type Duration = `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const form = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** The duration in milliseconds. `of` names the setting in the error. */
export function milliseconds(duration: string, of = "duration"): number {
  const [, amount, unit] = form.exec(duration) ?? [];
  if (amount === undefined || unit === undefined)
    throw new TrellisError("invalid-setting", {
      says: `${of} is "${duration}", which is not a duration`,
      cure: 'Write a number and a unit, such as "250ms", "30s", "5m", "1h" or "7d".',
    });
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
}
