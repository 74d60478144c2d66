import type { Limit } from "../model/limit.ts";
import { controlLimits } from "./control/limits.ts";
import { edgeEventLimits } from "./edge/events/limits.ts";
import { edgeLimits } from "./edge/limits.ts";
import { frontLimits } from "./front/limits.ts";
import { poolLimits } from "./pools/limits.ts";
import { httpUpstreamLimits } from "./upstreams/limits.ts";

/** The bounds of the front door, which hold for whatever is behind it. */
export const gatewayLimits: readonly Limit[] = [
  ...frontLimits,
  ...controlLimits,
  ...edgeLimits,
  ...edgeEventLimits,
  ...poolLimits,
  ...httpUpstreamLimits,
];
