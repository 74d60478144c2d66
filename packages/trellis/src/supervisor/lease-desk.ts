import type { LimitAsks, LimitGrants } from "../gateway/port.ts";
import type { Clock } from "../model/clock.ts";
import { LeaseKeeper } from "../policies/rate-limit/lease-keeper.ts";

/** Keeps the tokens of the rate limits that several gateways share. One for all links to them. */
export class LeaseDesk {
  readonly #clock: Clock;
  readonly #keepers = new Map<string, LeaseKeeper>();
  #gateways = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many gateways share the limits. */
  get gateways(): number {
    return this.#gateways;
  }

  joined(): void {
    this.#gateways += 1;
  }

  left(): void {
    this.#gateways -= 1;
  }

  answer(limits: readonly LimitAsks[]): readonly LimitGrants[] {
    const now = this.#clock.now();
    return limits.map(({ service, rule, asks }) => {
      const grants = this.#keeperOf({ service, rule }).answer(asks, now);
      return { service, rule, grants };
    });
  }

  #keeperOf({ service, rule }: Pick<LimitAsks, "service" | "rule">): LeaseKeeper {
    const name = JSON.stringify([service, rule.by, rule.perSecond, rule.burst]);
    const known = this.#keepers.get(name);
    if (known) return known;
    const keeper = new LeaseKeeper(rule);
    this.#keepers.set(name, keeper);
    return keeper;
  }
}
