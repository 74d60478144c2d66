import type { Limit } from "../../model/limit.ts";

/** A member's weight beside the others: more would make a ring of the size of a cache. */
export const weightMax = 100;

/** How long a member takes from a tenth of its share to all of it, unless said. */
export const slowStartMsDefault = 10_000;

export const balancingLimits: readonly Limit[] = [
  {
    name: "slow start of an instance, until it gets its whole share of requests",
    value: slowStartMsDefault,
    unit: "ms",
    set: "fixed: it begins with a tenth",
  },
];
