import { expect, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { makeBalancer } from "./make-balancer.ts";
import { countPicks, member } from "./members.contract.ts";
import { sharesOf, simulatePool } from "./pool-simulation.contract.ts";

function weighted(weights: Readonly<Record<string, number>>) {
  const balancer = makeBalancer("weighted-round-robin", { random: testRandom() });
  balancer.setMembers(Object.entries(weights).map(([id, weight]) => member(id, { weight })));
  return balancer;
}

test("a heavy member is asked often, but not many times in a row", () => {
  const balancer = weighted({ a: 5, b: 1, c: 1 });
  expect(Array.from({ length: 14 }, () => balancer.pick({ now: 0 })).join("")).toBe("aabacaaaabacaa");
});

test("10,000 requests are spread by weight to the last one", () => {
  expect(countPicks(weighted({ a: 5, b: 3, c: 2 }), 10_000)).toEqual({ a: 5_000, b: 3_000, c: 2_000 });
});

test("a weight may be a fraction", () => {
  expect(countPicks(weighted({ a: 0.5, b: 1.5 }), 4_000)).toEqual({ a: 1_000, b: 3_000 });
});

test("simulated: weights that say how slow an instance is make up for it", () => {
  const instances = ["a", "b", "c", "slow"].map((id) => ({
    id,
    weight: id === "slow" ? 1 : 10,
    serviceMs: id === "slow" ? 50 : 5,
  }));
  const simulated = { balance: "weighted-round-robin", instances, load: { clients: 31 }, seed: 1 } as const;
  const visits = simulatePool({ ...simulated, requests: 9_300 });
  expect(sharesOf(visits, instances).map((share) => share * 31)).toEqual([10, 10, 10, 1]);
  // Worked at by all four at once: nobody waits for one alone.
  expect(visits.at(-1)?.at).toBeLessThan((9_300 / (3 / 5 + 1 / 50)) * 1.15);
});
