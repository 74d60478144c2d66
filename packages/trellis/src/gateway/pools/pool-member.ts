import type { Upstream } from "../exchange.ts";
import type { UpstreamRule } from "../port.ts";
import { LatencyWindow } from "./latency-window.ts";

/** An instance or origin as the gateway knows it: the way to it, and what became of the requests that went there. */
export class PoolMember {
  readonly id: string;
  readonly upstream: Upstream;
  /** As the present table has it. */
  rule: UpstreamRule;
  requests = 0;
  failures = 0;
  /** Under way now, without what has no end of its own. */
  pending = 0;
  /** Whether `drained` has been told since it began to drain. */
  isDrainedTold = false;
  readonly latency = new LatencyWindow();

  constructor(rule: UpstreamRule, upstream: Upstream) {
    this.id = rule.id;
    this.rule = rule;
    this.upstream = upstream;
  }

  /** Whether a rule of a later table means this one. */
  isMeantBy({ id, address }: UpstreamRule): boolean {
    return id === this.id && JSON.stringify(address) === JSON.stringify(this.rule.address);
  }
}
