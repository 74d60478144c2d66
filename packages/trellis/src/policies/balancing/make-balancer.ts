import type { Random } from "../../model/clock.ts";
import type { Algorithm } from "./algorithm.ts";
import type { Balancer, BalancerName, BalancerOptions } from "./balancer.ts";
import { ConsistentHash } from "./consistent-hash.ts";
import { IpHash } from "./ip-hash.ts";
import { LeastConnections } from "./least-connections.ts";
import { slowStartMsDefault } from "./limits.ts";
import { PowerOfTwoChoices } from "./p2c.ts";
import { PoolBalancer } from "./pool-balancer.ts";
import { RandomChoice } from "./random-choice.ts";
import { RoundRobin } from "./round-robin.ts";
import { WeightedRoundRobin } from "./weighted-round-robin.ts";

const algorithms: Readonly<Record<BalancerName, (random: Random) => Algorithm>> = {
  p2c: (random) => new PowerOfTwoChoices(random),
  random: (random) => new RandomChoice(random),
  "round-robin": () => new RoundRobin(),
  "weighted-round-robin": () => new WeightedRoundRobin(),
  "least-connections": (random) => new LeastConnections(random),
  "ip-hash": (random) => new IpHash(random),
  "consistent-hash": (random) => new ConsistentHash(random),
};

/** The names that configuration can give, the default first. */
export const balancerNames = Object.keys(algorithms) as readonly BalancerName[];

/** A balancer without members yet. */
export function makeBalancer(name: BalancerName, { random, slowStartMs }: BalancerOptions): Balancer {
  return new PoolBalancer(name, algorithms[name](random), slowStartMs ?? slowStartMsDefault);
}
