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
  {
    name: "shortest `every` of a schedule",
    value: everyMsMin,
    unit: "ms",
    set: "fixed: a queue or a stream is quicker",
  },
  {
    name: "lateness of a schedule's time before it is missed",
    value: onTimeMs,
    unit: "ms",
    set: "fixed: then the schedule's `missed` decides",
  },
  {
    name: "lateness of a schedule's time after a crash",
    value: lookMsMax,
    unit: "ms",
    set: "fixed: how often an instance looks",
  },
  {
    name: "run of a schedule",
    value: runMsMax,
    unit: "ms",
    set: "fixed: then it is aborted; hand longer work to a queue",
  },
  {
    name: "runs of a schedule that are remembered",
    value: runsKept,
    unit: "entries",
    set: "fixed: the log has them all",
  },
];
