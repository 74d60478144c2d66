import type { Limit } from "../../model/limit.ts";
import { fingerprintsMax, userAgentCharactersMax } from "./fingerprints.ts";
import { fetchAheadMs } from "./salts.ts";

export const clientLimits: readonly Limit[] = [
  {
    name: "user agent read to tell visitors apart",
    value: userAgentCharactersMax,
    unit: "characters",
    set: "fixed: longer ones are made to be long",
  },
  {
    name: "user agents remembered to tell visitors apart",
    value: fingerprintsMax,
    unit: "entries",
    set: "fixed: nearly everybody has one of these",
  },
  {
    name: "fetch of the next day's salt before midnight",
    value: fetchAheadMs,
    unit: "ms",
    set: "fixed: no request waits for it",
  },
];
