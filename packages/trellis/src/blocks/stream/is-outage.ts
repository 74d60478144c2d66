import { TrellisError } from "../../model/errors.ts";

const outages = new Set([
  "database-unreachable",
  "unavailable",
  "outcome-unknown",
  "serialization-failure",
  "disk-full",
]);

/** Nobody is at fault but the moment: such a failure never counts against an event. */
export function isOutage(error: unknown): boolean {
  return error instanceof TrellisError && outages.has(error.code);
}
