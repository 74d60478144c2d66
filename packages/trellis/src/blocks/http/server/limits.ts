import type { Limit } from "../../../model/limit.ts";
import { addressCharactersMax } from "../../../policies/http/strictness.ts";

export const parameterCharactersMax = 1_024;
/** For the head of a request to arrive. */
export const headMsMax = 10_000;
/** How long an idle connection is kept: longer than balancers keep theirs, so that they close first. */
export const keepAliveMsDefault = 65_000;
/** How often clients of WebSockets are asked whether they are there. Those that have not answered by the next time are gone. */
export const pingEveryMs = 30_000;
/** For all parts of an instance to say whether they are well. */
export const healthMsMax = 2_000;

export const serverLimits: readonly Limit[] = [
  // Addresses have no characters beyond ASCII.
  { name: "address", value: addressCharactersMax, unit: "bytes", set: "fixed: longer ones belong into a body" },
  {
    name: "path parameter",
    value: parameterCharactersMax,
    unit: "characters",
    set: "fixed: longer ones belong into a body",
  },
  {
    name: "arrival of a request's head",
    value: headMsMax,
    unit: "ms",
    set: "fixed, or TRELLIS_REQUEST_TIMEOUT where that is less",
  },
  {
    name: "idle connection of a caller",
    value: keepAliveMsDefault,
    unit: "ms",
    set: "fixed: longer than load balancers keep theirs",
  },
  {
    name: "WebSocket of a client that does not answer",
    value: 2 * pingEveryMs,
    unit: "ms",
    set: "fixed: clients are asked twice in that time whether they are there",
  },
  {
    name: "answer of a part to /readyz",
    value: healthMsMax,
    unit: "ms",
    set: "fixed: a part that takes longer counts as unhealthy",
  },
];
