import type { Limit } from "../../model/limit.ts";
import { fetchAheadMs } from "./salts.ts";
import { userAgentCharactersMax } from "./visitor-hash.ts";

export const clientLimits: readonly Limit[] = [
  {
    name: "user agent read to tell visitors apart",
    value: userAgentCharactersMax,
    unit: "characters",
    set: "fixed: longer ones are made to be long",
  },
  {
    name: "fetch of the next day's salt before midnight",
    value: fetchAheadMs,
    unit: "ms",
    set: "fixed: no request waits for it",
  },
];
