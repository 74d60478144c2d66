import type { Limit } from "../model/limit.ts";

/** Label values that never end, such as addresses, would fill the memory: those that come later are counted as one. */
export const seriesMax = 1_000;
/** For what is read when somebody looks, such as how many jobs wait. */
export const readMsMax = 500;
/** For another instance to say its figures. */
export const peerMsMax = 1_000;
/** For the last spans to leave when an instance ends. */
export const lastSpansMsMax = 2_000;

export const telemetryLimits: readonly Limit[] = [
  {
    name: "combinations of labels of one metric",
    value: seriesMax,
    unit: "entries",
    set: 'fixed: later ones are counted as "other"',
  },
  {
    name: "reading of a figure for /metrics",
    value: readMsMax,
    unit: "ms",
    set: "fixed: one that takes longer is left out",
  },
  {
    name: "answer of an instance for /metrics of all",
    value: peerMsMax,
    unit: "ms",
    set: "fixed: one that takes longer is left out, and counted",
  },
  {
    name: "sending of the last spans at the end",
    value: lastSpansMsMax,
    unit: "ms",
    set: "fixed: an instance does not wait longer for a collector",
  },
];
