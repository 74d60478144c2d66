import type { Limit } from "../../model/limit.ts";

/** From one active check of a member to the next. */
export const checkEveryMs = 2_000;
/** A check without an answer after so long has failed. Less than `checkEveryMs`, so that checks never overlap. */
export const checkTimeoutMs = 1_500;
/** So many failed checks in a row make a member a suspect. */
export const fall = 3;
/** So many passed checks in a row make a suspect usable again. */
export const rise = 2;

/** So many failed answers in a row eject a member. The figures of ejection are Envoy's defaults for outlier detection. */
export const failuresInARow = 5;
/** For so long at the first time, twice as long at the second, and so on. */
export const ejectionMsBase = 30_000;
export const ejectionMsMax = 300_000;
/** Each time that a member has gone without an ejection for so long, one of its earlier ones is forgotten. */
export const forgetEveryMs = 10_000;

export const healthLimits: readonly Limit[] = [
  {
    name: "pause between two checks of an instance by the gateway",
    value: checkEveryMs,
    unit: "ms",
    set: "fixed: a tenth more or less, by chance",
  },
  {
    name: "answer of an instance to the gateway's check",
    value: checkTimeoutMs,
    unit: "ms",
    set: "fixed: less than the pause, so that checks never overlap",
  },
  {
    name: "failed answers in a row before an instance is left alone",
    value: failuresInARow,
    unit: "requests",
    set: "fixed: then for half a minute, longer each time",
  },
  {
    name: "time for which a failing instance is left alone",
    value: ejectionMsMax,
    unit: "ms",
    set: "fixed: half a minute for each time of late, up to this",
  },
];
