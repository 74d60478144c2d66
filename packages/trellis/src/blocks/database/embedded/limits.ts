import type { Limit } from "../../../model/limit.ts";

/** Crash recovery reads at most what was written since the last checkpoint: seconds, on a slow disk perhaps a minute. */
export const readyMsMax = 120_000;
/** How long the end in good order may take, before it is cut short. Nothing committed is lost either way. */
export const stopMsMax = 15_000;

export const embeddedLimits: readonly Limit[] = [
  {
    name: "start of the embedded database",
    value: readyMsMax,
    unit: "ms",
    set: "fixed: time to recover after a crash on a slow disk",
  },
  {
    name: "end of the embedded database",
    value: stopMsMax,
    unit: "ms",
    set: "fixed: cut short then, with nothing lost",
  },
];
