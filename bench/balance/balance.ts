import type { BalancerName } from "../../packages/trellis/src/policies/balancing/balancer.ts";
import { balancerNames } from "../../packages/trellis/src/policies/balancing/make-balancer.ts";
import {
  percentileMs,
  type SimulatedInstance,
  sharesOf,
  simulatePool,
  type Visit,
} from "../../packages/trellis/src/policies/balancing/pool-simulation.contract.ts";
import type { Bench, Findings, HowToRun, Measure } from "../src/harness/bench.ts";

const requests = 10_000;
const clients = 64;
const quickMs = 5;

interface Scenario {
  readonly name: string;
  readonly instances: readonly SimulatedInstance[];
  /** What one is to get for each that another gets: by turns, by weight, or by what it can do. */
  readonly expected: (balance: BalancerName) => readonly number[];
}

/** Those that look at what is under way: an instance gets what it can do. The others go by turns, by weights, or by keys. */
const heedsLoad: ReadonlySet<BalancerName> = new Set(["p2c", "least-connections", "consistent-hash"]);

const alike: Scenario = {
  name: "share of each, four alike",
  instances: instancesOf({ a: {}, b: {}, c: {}, d: {} }),
  expected: () => [1, 1, 1, 1],
};
const weighted: Scenario = {
  name: "share of each, as quick as their weights: 4, 2, 1, 1",
  instances: instancesOf({ a: { weight: 4 }, b: { weight: 2 }, c: { weight: 1 }, d: { weight: 1 } }).map((each) => ({
    ...each,
    serviceMs: quickMs / (each.weight ?? 1),
  })),
  expected: (balance) => (balance === "round-robin" ? [1, 1, 1, 1] : [4, 2, 1, 1]),
};
const oneSlow: Scenario = {
  name: "share of each, d ten times slower",
  instances: instancesOf({ a: {}, b: {}, c: {}, d: { serviceMs: 10 * quickMs } }),
  expected: (balance) => (heedsLoad.has(balance) ? [10, 10, 10, 1] : [1, 1, 1, 1]),
};

export const balance: Bench = {
  name: "balance",
  line: "how each way of balancing spreads 10,000 simulated requests, beside what is expected; also with a slow instance",
  hasPeers: false,
  packages: [],
  run: async (how) => simulate(how),
};

type Runs = Readonly<Record<BalancerName, readonly (readonly Visit[])[]>>;

function simulate({ rounds }: HowToRun): Findings {
  const slowRuns = runsOf(oneSlow, rounds);
  const slow = sharesMeasure(oneSlow, slowRuns);
  return {
    measures: [
      sharesMeasure(alike, runsOf(alike, rounds)),
      sharesMeasure(weighted, runsOf(weighted, rounds)),
      slow,
      measureOf("answered within, 99 of 100, d ten times slower", "ms", slowRuns, (visits) =>
        percentileMs(visits, 0.99),
      ),
      measureOf("time for all, d ten times slower", "s", slowRuns, lastAnsweredSeconds),
    ],
    notes: [
      `A simulation on a virtual clock, no sockets: ${clients} clients, each of which asks again as soon as it is answered; an instance works on one request at a time, for ${quickMs} ms more or less unless said otherwise`,
      "Each run has a seed of its own, 1 and up: the same seeds give the same figures on every machine",
      "Expected: equal turns for round-robin; by weight for random, weighted-round-robin and ip-hash; by what an instance can do in the time for those that look at what is under way, when all are busy",
      "Each request of ip-hash comes from a network by chance, each of consistent-hash is about something else",
    ],
    goals: [
      { side: "p2c: a", atLeast: 24, atMost: 26 },
      { measure: slow.name, side: "p2c: d", atLeast: 2.6, atMost: 4 },
      { measure: slow.name, side: "round-robin: d", atLeast: 25, atMost: 25 },
    ],
  };
}

function instancesOf(each: Readonly<Record<string, Partial<SimulatedInstance>>>): readonly SimulatedInstance[] {
  return Object.entries(each).map(([id, changes]) => ({ id, serviceMs: quickMs, ...changes }));
}

function runsOf({ instances }: Scenario, rounds: number): Runs {
  const keyOf = (random: () => number) => `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.1`;
  const runs = balancerNames.map((balance) => {
    const keys = balance === "ip-hash" ? { keyOf } : {};
    const simulated = { balance, instances, load: { clients }, requests, ...keys };
    return [balance, Array.from({ length: rounds }, (_, round) => simulatePool({ ...simulated, seed: round + 1 }))];
  });
  return Object.fromEntries(runs) as Runs;
}

function sharesMeasure({ name, instances, expected }: Scenario, runs: Runs): Measure {
  const rows = balancerNames.flatMap((balance) => {
    const shares = runs[balance].map((visits) => sharesOf(visits, instances));
    const wanted = expected(balance);
    const whole = wanted.reduce((sum, part) => sum + part, 0);
    return instances.map(({ id }, nth) => ({
      side: `${balance}: ${id}`,
      shares: shares.map((each) => 100 * (each[nth] ?? Number.NaN)),
      expected: (100 * (wanted[nth] ?? Number.NaN)) / whole,
    }));
  });
  return {
    name,
    unit: "%",
    better: "higher",
    sides: Object.fromEntries(rows.map((row) => [row.side, row.shares])),
    expected: Object.fromEntries(rows.map((row) => [row.side, row.expected])),
  };
}

function measureOf(name: string, unit: string, runs: Runs, figureOf: (visits: readonly Visit[]) => number): Measure {
  const sides = balancerNames.map((balance) => [balance, runs[balance].map(figureOf)]);
  return { name, unit, better: "lower", sides: Object.fromEntries(sides) };
}

function lastAnsweredSeconds(visits: readonly Visit[]): number {
  return visits.reduce((last, { at, tookMs }) => Math.max(last, at + tookMs), 0) / 1_000;
}
