import type { Clock } from "../../model/clock.ts";
import type { RateLimitDecision } from "../../policies/rate-limit/rate-limit.ts";
import { rateLimitHeader, rateLimitPolicyHeader } from "../../policies/rate-limit/rate-limit-headers.ts";
import { RateLimitTable } from "../../policies/rate-limit/rate-limit-table.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, Hop, UpgradeSink } from "../exchange.ts";
import type { RateLimitRule, RoutingTable } from "../port.ts";
import { LimitedSink } from "./limited-sink.ts";
import { rateKey } from "./rate-key.ts";

interface Limit {
  readonly rule: RateLimitRule;
  readonly table: RateLimitTable;
  readonly policy: string;
}

/** A request that was refused waits for nothing. */
const refused: Forwarding = { resume: () => undefined, abort: () => undefined };

export interface RateLimitsOptions {
  /** Where requests go that are allowed. */
  readonly next: Hop;
  readonly clock: Clock;
}

/**
 * Refuses what a client, or a key, asks beyond the limits of the service that the request has been claimed for. A request
 * counts against each of its limits; one that is refused counts against those before the one that refuses it.
 */
export class RateLimits implements Hop {
  readonly #next: Hop;
  readonly #clock: Clock;
  #services = new Map<string, readonly Limit[]>();

  constructor({ next, clock }: RateLimitsOptions) {
    this.#next = next;
    this.#clock = clock;
  }

  /** From now on. What clients have used of limits that stay the same stays used. */
  apply({ services }: Pick<RoutingTable, "services">): void {
    const before = this.#services;
    this.#services = new Map();
    for (const { name, rateLimits = [] } of services) {
      const known = before.get(name) ?? [];
      const limits = rateLimits.map((rule) => known.find((limit) => same(limit.rule, rule)) ?? makeLimit(rule));
      if (limits.length > 0) this.#services.set(name, limits);
    }
  }

  /** Requests refused since the start of the limits that hold now. */
  refused(service: string): number {
    return (this.#services.get(service) ?? []).reduce((sum, { table }) => sum + table.stats().refused, 0);
  }

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    const limits = this.#services.get(request.facts.service);
    if (limits === undefined) return this.#next.forward(request, sink);
    const more = this.#take(limits, request, sink);
    return more === undefined ? refused : this.#next.forward(request, new LimitedSink(sink, more));
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    const limits = this.#services.get(request.facts.service);
    if (limits === undefined) return this.#next.upgrade(request, sink);
    const more = this.#take(limits, request, sink);
    return more === undefined ? refused : this.#next.upgrade(request, new LimitedSink(sink, more));
  }

  /** The headers that tell how much is left; undefined where the request has been refused. */
  #take(limits: readonly Limit[], request: GatewayRequest, sink: AnswerSink): HeaderList | undefined {
    const now = this.#clock.now();
    let policies = "";
    let states = "";
    for (const { rule, table, policy } of limits) {
      const key = rateKey(rule.by, request);
      if (key === undefined) continue;
      const decision = table.take(key, now);
      if (!decision.allowed) {
        refuse(rule, policy, decision, sink);
        return undefined;
      }
      const comma = policies === "" ? "" : ", ";
      policies += comma + policy;
      states += comma + rateLimitHeader(rule.by, decision);
    }
    return policies === "" ? [] : ["ratelimit-policy", policies, "ratelimit", states];
  }
}

function refuse({ by }: RateLimitRule, policy: string, decision: RateLimitDecision, sink: AnswerSink): void {
  sink.fail({
    reason: "rate-limited",
    says: `More requests of one ${by} than are allowed`,
    retryAfterMs: decision.retryAfterMs,
    headers: ["ratelimit-policy", policy, "ratelimit", rateLimitHeader(by, decision)],
  });
}

function makeLimit(rule: RateLimitRule): Limit {
  return { rule, table: new RateLimitTable(rule), policy: rateLimitPolicyHeader(rule.by, rule) };
}

function same(one: RateLimitRule, other: RateLimitRule): boolean {
  return one.by === other.by && one.perSecond === other.perSecond && one.burst === other.burst;
}
