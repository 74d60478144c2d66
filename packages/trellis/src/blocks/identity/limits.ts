import type { Limit } from "../../model/limit.ts";

/** A key that was checked is believed this long without another look; a revocation ends that at once. */
export const rememberMs = 60_000;
export const rememberedMax = 10_000;

/** How long a browser stays signed in. */
export const sessionMsMax = 30 * 86_400_000;
/** Wrong keys that may be tried from one address in a window, on each instance. */
export const guessesMax = 20;
export const guessesWindowMs = 60_000;
export const guessersMax = 10_000;

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
  { name: "session of a browser", value: sessionMsMax, unit: "ms", set: "fixed: revoking its key ends it at once" },
  {
    name: "wrong keys a minute at /v1/session, from one address in each instance",
    value: guessesMax,
    unit: "requests",
    set: "fixed: keys are too long to be guessed",
  },
  {
    name: "addresses whose wrong keys are counted in each instance",
    value: guessersMax,
    unit: "entries",
    set: "fixed: the longest quiet are forgotten",
  },
];
