import { expect, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { makeBalancer } from "./make-balancer.ts";
import { countPicks, member } from "./members.contract.ts";
import { percentileMs, sharesOf, simulatePool } from "./pool-simulation.contract.ts";

function roundRobin(...ids: readonly string[]) {
  const balancer = makeBalancer("round-robin", { random: testRandom() });
  balancer.setMembers(ids.map((id) => member(id)));
  return balancer;
}

test("each in its turn, whatever it weighs", () => {
  const balancer = roundRobin();
  balancer.setMembers([member("a", { weight: 9 }), member("b"), member("c")]);
  expect(Array.from({ length: 7 }, () => balancer.pick({ now: 0 })).join("")).toBe("abcabca");
});

test("10,000 requests are spread to the last one", () => {
  expect(countPicks(roundRobin("a", "b", "c", "d"), 10_000)).toEqual({ a: 2_500, b: 2_500, c: 2_500, d: 2_500 });
});

test("goes on when the pool shrinks in mid-turn", () => {
  const balancer = roundRobin("a", "b", "c");
  for (let nth = 0; nth < 2; nth++) balancer.pick({ now: 0 });
  balancer.setMembers([member("a")]);
  balancer.setMembers([member("a"), member("b")]);
  expect(Array.from({ length: 4 }, () => balancer.pick({ now: 0 })).join("")).toBe("abab");
});

test("one that starts slowly is passed over nine times of ten, regularly", () => {
  const balancer = makeBalancer("round-robin", { random: testRandom(), slowStartMs: 10_000 });
  balancer.setMembers([member("a"), member("new", { joinedAt: 0 })]);
  const picks = Array.from({ length: 44 }, () => balancer.pick({ now: 0 }));
  const turns = picks.flatMap((id, nth) => (id === "new" ? [nth] : []));
  expect(turns.slice(1).map((turn, nth) => turn - (turns[nth] ?? 0))).toEqual([11, 11, 11].slice(0, turns.length - 1));
  expect(turns.length).toBeGreaterThanOrEqual(3);
});

test("simulated: a slow instance keeps its full share, and everybody waits for it", () => {
  const instances = ["a", "b", "c", "slow"].map((id) => ({ id, serviceMs: id === "slow" ? 50 : 5 }));
  const visits = simulatePool({ balance: "round-robin", instances, load: { clients: 8 }, requests: 10_000, seed: 1 });
  expect(sharesOf(visits, instances)).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect(percentileMs(visits, 0.9)).toBeGreaterThan(300);
});
