import { LeaseHolder } from "../../policies/rate-limit/lease-holder.ts";
import type { RateLimitDecision } from "../../policies/rate-limit/rate-limit.ts";
import { rateLimitPolicyHeader } from "../../policies/rate-limit/rate-limit-headers.ts";
import { RateLimitTable } from "../../policies/rate-limit/rate-limit-table.ts";
import type { LeaseAsk, LeaseGrant } from "../../policies/rate-limit/token-lease.ts";
import type { RateLimitRule } from "../port.ts";

/** Until it is told how many there are. */
const gatewaysAtFirst = 2;

/** One limit of a service, kept by this gateway alone or shared with others. */
export class Limit {
  readonly rule: RateLimitRule;
  /** The value of `RateLimit-Policy` that tells of it. */
  readonly policy: string;
  readonly #own: RateLimitTable | undefined;
  readonly #lease: LeaseHolder | undefined;

  constructor(rule: RateLimitRule, shared: boolean) {
    this.rule = rule;
    this.policy = rateLimitPolicyHeader(rule.by, rule);
    this.#own = shared ? undefined : new RateLimitTable(rule);
    this.#lease = shared ? new LeaseHolder(rule, gatewaysAtFirst) : undefined;
  }

  is({ by, perSecond, burst }: RateLimitRule): boolean {
    return this.rule.by === by && this.rule.perSecond === perSecond && this.rule.burst === burst;
  }

  take(key: string, now: number): RateLimitDecision {
    return (this.#own ?? (this.#lease as LeaseHolder)).take(key, now);
  }

  asks(now: number): readonly LeaseAsk[] {
    return this.#lease?.asks(now) ?? [];
  }

  accept(grants: readonly LeaseGrant[], now: number): void {
    this.#lease?.accept(grants, now);
  }

  setGateways(gateways: number): void {
    this.#lease?.setProcesses(gateways);
  }

  setAlone(isAlone: boolean): void {
    this.#lease?.setAlone(isAlone);
  }
}
