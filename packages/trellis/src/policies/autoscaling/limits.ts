import type { Limit } from "../../model/limit.ts";
import { scaleDefaults } from "./scale-defaults.ts";

/** By what the number of instances follows the load, where it may. */
export const scaleLimits: readonly Limit[] = [
  {
    name: "instances of a group that follow its load",
    value: scaleDefaults.instancesPerCore,
    unit: "instances",
    set: "fixed: for each core of the machine; besides, the range of the group",
  },
  {
    name: "silence after which a group comes to rest",
    value: scaleDefaults.idleMs + scaleDefaults.graceMs,
    unit: "ms",
    set: "fixed: where its range begins with 0",
  },
  {
    name: "time for which fewer instances must do before some are stopped",
    value: scaleDefaults.downMs,
    unit: "ms",
    set: "fixed: what was wanted in this time, might be again",
  },
  {
    name: "requests under way in an instance before another is started",
    value: scaleDefaults.inFlightTarget,
    unit: "requests",
    set: "fixed: or an event loop that is busy 60% of its time",
  },
];
