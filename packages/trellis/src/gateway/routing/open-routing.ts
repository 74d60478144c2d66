import type { Clock, Random, Stopwatch } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { Upstream } from "../exchange.ts";
import type { UpstreamRule } from "../port.ts";
import type { RoutingReport } from "./routing.ts";

export interface RoutingOptions {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly random: Random;
  readonly log: Log;
  /** Makes the way to an upstream. It connects when it is first asked. */
  readonly upstreamFor: (rule: UpstreamRule) => Upstream;
  readonly onReport: (report: RoutingReport) => void;
}
