import { TrellisError } from "./errors.ts";

/** An amount of memory or disk as people write it: "512B", "64KB", "10MB", "2GB" (1 KB = 1,024 B). */
export type Size = `${number}${"B" | "KB" | "MB" | "GB"}`;

const unitBytes = { B: 1, KB: 1_024, MB: 1_048_576, GB: 1_073_741_824 } as const;
const form = /^(\d+(?:\.\d+)?)(B|KB|MB|GB)$/;

/** The size in bytes. `of` names the setting in the error. */
export function bytes(size: string, of = "size"): number {
  const [, amount, unit] = form.exec(size) ?? [];
  if (amount === undefined || unit === undefined)
    throw new TrellisError("invalid-setting", {
      says: `${of} is "${size}", which is not a size`,
      cure: 'Write a number and a unit, such as "512B", "64KB", "10MB" or "2GB".',
    });
  return Math.floor(Number(amount) * unitBytes[unit as keyof typeof unitBytes]);
}
