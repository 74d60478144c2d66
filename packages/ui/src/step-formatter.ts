import { timeFormatter } from "./format.ts";

/** Names one step in full: `Tue 24 Oct, 14:00` or `Tue 24 Oct (UTC)`. */
export function stepFormatter(unit: "hour" | "day"): (atMs: number) => string {
  const day = { weekday: "short", day: "numeric", month: "short" } as const;
  return unit === "hour"
    ? timeFormatter({ ...day, hour: "2-digit", minute: "2-digit", timeZoneName: "short" })
    : timeFormatter({ ...day, timeZone: "UTC", timeZoneName: "short" });
}
