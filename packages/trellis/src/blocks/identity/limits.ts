import type { Limit } from "../../model/limit.ts";

/** A key that was checked is believed this long without another look; a revocation ends that at once. */
export const rememberMs = 60_000;
export const rememberedMax = 10_000;

export const keyLimits: readonly Limit[] = [
  {
    name: "API keys remembered, age",
    value: rememberMs,
    unit: "ms",
    set: "fixed: revoking a key ends it at once",
  },
  {
    name: "API keys remembered in each instance",
    value: rememberedMax,
    unit: "entries",
    set: "fixed: the least used are looked up again",
  },
];
