import type { Limit } from "../model/limit.ts";
import { circuitDefaults } from "./circuit-breaker.ts";
import { triesMax } from "./may-retry.ts";
import { keyLengthMax } from "./rate-limit/bucket-table.ts";
import { rateLimitTableDefaults } from "./rate-limit/rate-limit-table.ts";
import { leaseMs } from "./rate-limit/token-lease.ts";
import { requestHoldDefaults } from "./request-hold.ts";
import { retryBudgetDefaults } from "./retry-budget.ts";

const fixed = (why: string): string => `fixed: ${why}`;

/** The bounds by which services are protected from one another, and from too much. */
export const protectionLimits: readonly Limit[] = [
  { name: "tries of a request", value: triesMax, unit: "retries", set: fixed("the first one counts") },
  {
    name: "retries a second without counting on others",
    value: retryBudgetDefaults.perSecond,
    unit: "retries",
    set: fixed("besides, one for every five requests"),
  },
  {
    name: "pause before a failing service is asked again",
    value: circuitDefaults.openMsMax,
    unit: "ms",
    set: fixed("at first a second"),
  },
  {
    name: "requests that ask a failing service again at once",
    value: circuitDefaults.probes,
    unit: "requests",
    set: fixed("they decide whether the others follow"),
  },
  {
    name: "requests held for one service",
    value: requestHoldDefaults.requestsMax,
    unit: "requests",
    set: fixed("while none of its instances is ready, or it is paused"),
  },
  {
    name: "clients and keys with a rate limit of their own",
    value: rateLimitTableDefaults.keysMax,
    unit: "entries",
    set: fixed("others share one that is ten times as large"),
  },
  {
    name: "length of such a key",
    value: keyLengthMax,
    unit: "characters",
    set: fixed("a longer one has no limit of its own"),
  },
  {
    name: "time for which a gateway keeps its part of a rate limit",
    value: leaseMs,
    unit: "ms",
    set: fixed("then the others may have it"),
  },
];
