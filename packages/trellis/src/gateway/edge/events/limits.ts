import type { Limit } from "../../../model/limit.ts";

/** A power loss takes what was written since the disk was last told to keep it. */
export const syncEveryMs = 100;
/** Events are left to the instances so often. */
export const letGoEveryMs = 1_000;
/** While so many folders lie there that no instance has taken, no more are left beside them but every half minute. */
export const leftMax = 8;
export const letGoLatestMs = 30_000;
/** Events of a turn that come to more are written before its end, so that they fill no memory. */
export const turnCharactersMax = 256_000;
/** Of each header that an event has. */
export const headerCharactersMax = 4_096;
/** Plans that are remembered by their text. Contracts have few. */
export const plansMax = 1_000;

export const edgeEventLimits: readonly Limit[] = [
  {
    name: "events of the edge that a power loss may take",
    value: syncEveryMs,
    unit: "ms",
    set: "fixed: how often the disk is told to keep them",
  },
  {
    name: "events of the edge, left to the instances",
    value: letGoEveryMs,
    unit: "ms",
    set: `fixed: every ${letGoLatestMs / 1_000} s while no instance takes them`,
  },
  {
    name: "header in an event of the edge",
    value: headerCharactersMax,
    unit: "characters",
    set: "fixed: what is longer is cut",
  },
];
