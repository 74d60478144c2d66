import { describe, expect, it, test } from "vitest";
import { EventQueue } from "./event-queue.contract.ts";
import { balancerNames } from "./make-balancer.ts";
import { type SimulatedPool, sharesOf, simulatePool, type Visit } from "./pool-simulation.contract.ts";

const clients = 16;
const joinsAt = 20_000;
const instances = [
  { id: "a", serviceMs: 5, workers: 4 },
  { id: "b", serviceMs: 5, workers: 4 },
  { id: "slow", serviceMs: 20, workers: 4 },
  { id: "failing", serviceMs: 5, workers: 4, fails: { from: 5_000, until: 15_000 } },
  { id: "joining", serviceMs: 5, workers: 4, joinsAt },
];

describe.each(balancerNames)("a pool with a slow, a failing and a joining instance: %s", (balance) => {
  const keyOf = (random: () => number) => `10.${Math.floor(random() * 64)}.${Math.floor(random() * 256)}.1`;
  const pool: SimulatedPool = {
    balance,
    instances,
    load: { perSecond: 400 },
    requests: 24_000,
    seed: 7,
    keyOf,
    ejects: true,
  };
  const visits = simulatePool(pool);
  const sharesBetween = (from: number, until: number) =>
    sharesOf(
      visits.filter(({ at }) => at >= from && at < until),
      instances,
    );
  const shareOfJoining = (from: number, until: number) => sharesBetween(from, until)[4] as number;

  it("gives every request to somebody", () => {
    expect(visits.filter(({ id }) => id === undefined)).toEqual([]);
  });

  it("loses no more to the failing one than it takes to eject it, and what was under way", () => {
    const failed = visits.filter((visit) => visit.failed);
    expect(failed.length).toBeGreaterThanOrEqual(1);
    expect(failed.length).toBeLessThanOrEqual(5 + clients);
    expect(sharesBetween(6_000, 20_000)[3]).toBeLessThan(0.005);
  });

  it("comes back to the failing one when it is well", () => {
    expect(sharesBetween(50_000, 60_000)[3]).toBeGreaterThan(0.08);
  });

  it("does not flood the joining one, and gives it what the others have in the end", () => {
    const whole = shareOfJoining(50_000, 60_000);
    expect(whole).toBeGreaterThan(0.1);
    expect(shareOfJoining(0, joinsAt)).toBe(0);
    expect(shareOfJoining(joinsAt, joinsAt + 1_000)).toBeGreaterThan(0);
    expect(shareOfJoining(joinsAt, joinsAt + 1_000)).toBeLessThan(whole / 2);
  });

  it("comes to the same again under the same seed, and to something else under another", () => {
    expect(simulatePool({ ...pool, requests: 500 })).toEqual(simulatePool({ ...pool, requests: 500 }));
    expect(simulatePool({ ...pool, requests: 500, seed: 8 })).not.toEqual(simulatePool({ ...pool, requests: 500 }));
  });
});

describe("the simulation itself", () => {
  const one = { balance: "round-robin", instances: [{ id: "a", serviceMs: 10 }], requests: 4_000, seed: 1 } as const;
  const meanMs = (visits: readonly Visit[]) => visits.reduce((sum, { tookMs }) => sum + tookMs, 0) / visits.length;

  test("a closed loop of n clients waits n times as long at one worker, and keeps it busy (Little's law)", () => {
    const visits = simulatePool({ ...one, load: { clients: 8 } });
    expect(meanMs(visits) / 80).toBeCloseTo(1, 1);
    expect(Math.max(...visits.map(({ pending }) => pending))).toBe(8);
  });

  test("an open loop comes as often as it is told, and waits as queueing theory says", () => {
    const visits = simulatePool({ ...one, requests: 40_000, load: { perSecond: 50 } });
    expect((visits.at(-1)?.at ?? 0) / 800_000).toBeCloseTo(1, 1);
    // Pollaczek-Khinchine at half load, with service times spread evenly from 5 to 15 ms: 10 + 5 * (1 + 1/12) ms.
    expect(meanMs(visits) / (10 + 5 * (1 + 1 / 12))).toBeCloseTo(1, 1);
  });

  test("events come in the order of their times, at one time in the order in which they were put in", () => {
    const queue = new EventQueue();
    const order: string[] = [];
    [5, 1, 4, 1, 3, 9, 1, 5].forEach((at, nth) => {
      queue.put(at, () => order.push(`${at}:${nth}`));
    });
    for (let event = queue.take(); event; event = queue.take()) event.run();
    expect(order).toEqual(["1:1", "1:3", "1:6", "3:4", "4:2", "5:0", "5:7", "9:5"]);
  });
});
