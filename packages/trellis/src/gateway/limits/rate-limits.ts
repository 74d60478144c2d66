import type { Clock } from "../../model/clock.ts";
import type { RateLimitDecision } from "../../policies/rate-limit/rate-limit.ts";
import { rateLimitHeader } from "../../policies/rate-limit/rate-limit-headers.ts";
import type { AnswerSink, Forwarding, GatewayRequest, HeaderList, Hop, UpgradeSink } from "../exchange.ts";
import type { LimitAsks, LimitGrants, RoutingTable } from "../port.ts";
import { Limit } from "./limit.ts";
import { LimitedSink } from "./limited-sink.ts";
import { rateKey } from "./rate-key.ts";

/** A request that was refused waits for nothing. */
const refused: Forwarding = { resume: () => undefined, abort: () => undefined };

export interface RateLimitsOptions {
  /** Where requests go that are allowed. */
  readonly next: Hop;
  readonly clock: Clock;
  /** Other gateways let pass requests of the same clients: tokens are leased from whoever keeps them for all. */
  readonly shared: boolean;
}

/**
 * Refuses what a client, or a key, asks beyond the limits of the service that the request has been claimed for. A request
 * counts against each of its limits; one that is refused counts against those before the one that refuses it.
 */
export class RateLimits implements Hop {
  readonly #next: Hop;
  readonly #clock: Clock;
  readonly #shared: boolean;
  #services = new Map<string, readonly Limit[]>();

  constructor({ next, clock, shared }: RateLimitsOptions) {
    this.#next = next;
    this.#clock = clock;
    this.#shared = shared;
  }

  /** From now on. What clients have used of limits that stay the same stays used. */
  apply({ services }: Pick<RoutingTable, "services">): void {
    const before = this.#services;
    this.#services = new Map();
    for (const { name, rateLimits = [] } of services) {
      const known = before.get(name) ?? [];
      const limits = rateLimits.map((rule) => known.find((limit) => limit.is(rule)) ?? new Limit(rule, this.#shared));
      if (limits.length > 0) this.#services.set(name, limits);
    }
  }

  /** What this gateway needs of limits that it shares; none where nobody has asked it for anything lately. */
  asks(): readonly LimitAsks[] {
    const now = this.#clock.now();
    const all = [...this.#services].flatMap(([service, limits]) =>
      limits.map((limit) => ({ service, rule: limit.rule, asks: limit.asks(now) })),
    );
    return all.filter(({ asks }) => asks.length > 0);
  }

  /** What the keeper of the tokens answers. */
  accept(granted: readonly LimitGrants[], gateways: number): void {
    const now = this.#clock.now();
    for (const limits of this.#services.values()) for (const limit of limits) limit.setGateways(gateways);
    for (const { service, rule, grants } of granted)
      this.#services
        .get(service)
        ?.find((limit) => limit.is(rule))
        ?.accept(grants, now);
  }

  /** Whether nobody keeps the tokens: then each gateway keeps to the whole limit by itself. */
  setAlone(isAlone: boolean): void {
    for (const limits of this.#services.values()) for (const limit of limits) limit.setAlone(isAlone);
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
    for (const limit of limits) {
      const { rule, policy } = limit;
      const key = rateKey(rule.by, request);
      if (key === undefined) continue;
      const decision = limit.take(key, now);
      if (!decision.allowed) {
        refuse(limit, decision, sink);
        return undefined;
      }
      const comma = policies === "" ? "" : ", ";
      policies += comma + policy;
      states += comma + rateLimitHeader(rule.by, decision);
    }
    return policies === "" ? [] : ["ratelimit-policy", policies, "ratelimit", states];
  }
}

function refuse({ rule: { by }, policy }: Limit, decision: RateLimitDecision, sink: AnswerSink): void {
  sink.fail({
    reason: "rate-limited",
    says: `More requests of one ${by} than are allowed`,
    retryAfterMs: decision.retryAfterMs,
    headers: ["ratelimit-policy", policy, "ratelimit", rateLimitHeader(by, decision)],
  });
}
