import { expect, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { makeBalancer } from "./make-balancer.ts";
import { countPicks, member } from "./members.contract.ts";
import { percentileMs, sharesOf, simulatePool } from "./pool-simulation.contract.ts";

function leastConnections(weights: Readonly<Record<string, number>>) {
  const balancer = makeBalancer("least-connections", { random: testRandom() });
  balancer.setMembers(Object.entries(weights).map(([id, weight]) => member(id, { weight })));
  return balancer;
}

test("whoever has the fewest requests under way gets the next", () => {
  const balancer = leastConnections({ a: 1, b: 1, c: 1 });
  for (const id of ["a", "a", "b", "c", "c"]) balancer.started(id);
  expect(balancer.pick({ now: 0 })).toBe("b");
  balancer.started("b");
  balancer.finished("c", 0, { tookMs: 1, failed: false });
  expect(balancer.pick({ now: 0 })).toBe("c");
});

test("the fewest for its weight: twice the weight may have twice as many", () => {
  const balancer = leastConnections({ light: 1, heavy: 2 });
  const ids = Array.from({ length: 9 }, () => {
    const id = balancer.pick({ now: 0 }) ?? "";
    balancer.started(id);
    return id;
  });
  expect(ids.filter((id) => id === "heavy")).toHaveLength(6);
});

test("those that have equally few take turns by weight, so that an idle pool is not all sent to the first", () => {
  expect(countPicks(leastConnections({ a: 1, b: 1, c: 1, d: 1 }), 10_000)).toEqual({
    a: 2_500,
    b: 2_500,
    c: 2_500,
    d: 2_500,
  });
  expect(countPicks(leastConnections({ a: 3, b: 1 }), 400)).toEqual({ a: 300, b: 100 });
});

test("simulated: a slow instance fills up and gets the share that it can do", () => {
  const instances = ["a", "b", "c", "slow"].map((id) => ({ id, serviceMs: id === "slow" ? 50 : 5 }));
  const simulated = { balance: "least-connections", instances, load: { clients: 32 }, seed: 1 } as const;
  const visits = simulatePool({ ...simulated, requests: 10_000 });
  expect((sharesOf(visits, instances)[3] as number) * 31).toBeCloseTo(1, 0);
  // What it has is never worked off sooner, though: that is what p2c does better.
  expect(percentileMs(visits, 0.99)).toBeGreaterThan(200);
});

test("simulated: an instance that fails at once attracts everything, until it is ejected", () => {
  const broken = { id: "broken", serviceMs: 5, fails: { from: 0, until: Number.POSITIVE_INFINITY } };
  const instances = [...["a", "b", "c"].map((id) => ({ id, serviceMs: 5 })), broken];
  const simulated = { balance: "least-connections", instances, load: { clients: 32 }, seed: 1 } as const;
  expect(sharesOf(simulatePool({ ...simulated, requests: 10_000 }), instances)[3]).toBeGreaterThan(0.7);
  expect(sharesOf(simulatePool({ ...simulated, requests: 10_000, ejects: true }), instances)[3]).toBeLessThan(0.01);
});
