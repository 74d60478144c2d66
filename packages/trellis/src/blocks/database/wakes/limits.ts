import type { Limit } from "../../../model/limit.ts";

/** Wakes of one topic that follow the first within this become one. */
export const wakesGatheredMs = 5;

export const wakeLimits: readonly Limit[] = [
  {
    name: "wakes between instances, gathered",
    value: wakesGatheredMs,
    unit: "ms",
    set: "fixed: the first of a topic goes at once, those that follow within this become one",
  },
];
