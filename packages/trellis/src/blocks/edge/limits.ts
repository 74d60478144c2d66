import type { Limit } from "../../model/limit.ts";
import { purgeTagMax, purgeUrlMax } from "../../model/purge.ts";

export const edgeBlockLimits: readonly Limit[] = [
  {
    name: "tag to purge",
    value: purgeTagMax,
    unit: "characters",
    set: "fixed: an answer's tags travel in one header",
  },
  { name: "address to purge", value: purgeUrlMax, unit: "characters", set: "fixed: longer ones are not kept" },
];
