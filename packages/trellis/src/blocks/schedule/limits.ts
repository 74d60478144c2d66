import type { Limit } from "../../model/limit.ts";

export const everyMsMin = 1_000;
/** A time that nobody could look at for longer counts as missed. */
export const onTimeMs = 60_000;
/** How often an instance looks that has nothing to fire: also how late it learns what others have left undone. */
export const lookMsMax = 5_000;
/** A run that takes longer is aborted and has failed. */
export const runMsMax = 6 * 3_600_000;
/** Runs that are remembered of each schedule. */
export const runsKept = 50;

export const scheduleLimits: readonly Limit[] = [
  { name: "schedule, shortest `every`", value: everyMsMin, unit: "ms", set: "fixed: a queue or a stream is quicker" },
  {
    name: "schedule, a time counts as missed after",
    value: onTimeMs,
    unit: "ms",
    set: "fixed: then the schedule's `missed` decides",
  },
  { name: "schedule, lateness after a crash", value: lookMsMax, unit: "ms", set: "fixed: how often instances look" },
  { name: "schedule, one run", value: runMsMax, unit: "ms", set: "fixed: hand longer work to a queue" },
  { name: "schedule, runs remembered of each", value: runsKept, unit: "entries", set: "fixed: the log has them all" },
];
