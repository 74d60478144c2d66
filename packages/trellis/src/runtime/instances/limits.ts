import type { Limit } from "../../model/limit.ts";

/** How often an instance says that it lives. */
export const beatMs = 5_000;
/** One that has said nothing for longer is taken for dead. */
export const silentMsMax = 15_000;

/** How often an instance looks where the services answer that it calls. */
export const lookEveryMs = 1_000;

/** A call that finds its service at rest waits this long for an instance, within its own deadline. */
export const wakeMsMax = 30_000;

export const instanceLimits: readonly Limit[] = [
  {
    name: "pause between two signs of life of an instance",
    value: beatMs,
    unit: "ms",
    set: "fixed: for the list of instances",
  },
  {
    name: "silence of an instance before the list leaves it out",
    value: silentMsMax,
    unit: "ms",
    set: "fixed: three signs of life that did not come",
  },
  {
    name: "lateness of where a service answers that was split out",
    value: lookEveryMs,
    unit: "ms",
    set: "fixed: a call to an instance that has ended is repeated elsewhere",
  },
  {
    name: "wait of a call for a service that was at rest",
    value: wakeMsMax,
    unit: "ms",
    set: "fixed: never longer than the call's own deadline",
  },
];
