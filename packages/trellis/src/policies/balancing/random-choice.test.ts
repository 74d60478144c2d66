import { expect, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { makeBalancer } from "./make-balancer.ts";
import { countPicks, member } from "./members.contract.ts";
import { percentileMs, sharesOf, simulatePool } from "./pool-simulation.contract.ts";

test("each is chosen by its weight, within a few percent after 10,000 requests", () => {
  const balancer = makeBalancer("random", { random: testRandom() });
  balancer.setMembers([member("a", { weight: 5 }), member("b", { weight: 4 }), member("c")]);
  const { a = 0, b = 0, c = 0 } = countPicks(balancer, 10_000);
  expect([a / 5_000, b / 4_000, c / 1_000].every((ratio) => Math.abs(ratio - 1) < 0.06)).toBe(true);
});

test("simulated: a slow instance keeps its share, and nobody who meets it is quick", () => {
  const instances = ["a", "b", "c", "slow"].map((id) => ({ id, serviceMs: id === "slow" ? 50 : 5 }));
  const visits = simulatePool({ balance: "random", instances, load: { clients: 8 }, requests: 10_000, seed: 1 });
  expect(sharesOf(visits, instances)[3]).toBeCloseTo(0.25, 1);
  expect(percentileMs(visits, 0.9)).toBeGreaterThan(100);
});
