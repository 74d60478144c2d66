import { expect, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import type { Balancer, Member } from "./balancer.ts";
import { loadBound } from "./consistent-hash.ts";
import { makeBalancer } from "./make-balancer.ts";
import { member } from "./members.contract.ts";
import { simulatePool } from "./pool-simulation.contract.ts";

function consistentHash(...members: readonly Member[]): Balancer {
  const balancer = makeBalancer("consistent-hash", { random: testRandom(), slowStartMs: 10_000 });
  balancer.setMembers(members);
  return balancer;
}
const keys = Array.from({ length: 5_000 }, (_, nth) => `/item/${nth}`);
const placesIn = (balancer: Balancer, now = 0) => keys.map((key) => balancer.pick({ now, key }));
const ten = Array.from({ length: 10 }, (_, nth) => member(`web-${nth}`));

test("a key is with the same member in every gateway, in whatever order that has its members", () => {
  expect(placesIn(consistentHash(...ten))).toEqual(placesIn(consistentHash(...ten.toReversed())));
});

test.each([
  ["leaves", ten.slice(1)],
  ["is a suspect", [member("web-0", { status: "suspect" }), ...ten.slice(1)]],
  ["drains", [member("web-0", { status: "closed" }), ...ten.slice(1)]],
] as const)("when a member %s only its tenth of the keys moves", (_, members) => {
  const balancer = consistentHash(...ten);
  const before = placesIn(balancer);
  balancer.setMembers(members);
  const after = placesIn(balancer);
  const moved = before.filter((id, nth) => id !== after[nth]);
  expect(new Set(moved)).toEqual(new Set(["web-0"]));
  expect(Math.abs(moved.length / 500 - 1)).toBeLessThan(0.25);
  expect(after).not.toContain("web-0");
});

test("a member that joins takes its keys over one after the other, each from where it was", () => {
  const before = placesIn(consistentHash(...ten));
  const balancer = consistentHash(...ten, member("new", { joinedAt: 0 }));
  const stepsMs = [0, 2_500, 5_000, 7_500, 10_000];
  const places = stepsMs.map((now) => placesIn(balancer, now));
  const moved = places.map((ids) => ids.filter((id) => id === "new").length);
  expect(moved).toEqual(moved.toSorted((one, two) => one - two));
  expect((moved[0] ?? 0) / (moved[4] ?? 0)).toBeCloseTo(0.1, 1);
  for (const ids of places) expect(ids.every((id, nth) => id === "new" || id === before[nth])).toBe(true);
  places.slice(1).forEach((ids, step) => {
    const came = keys.filter((_, nth) => places[step]?.[nth] === "new");
    expect(
      came.every((key) => ids[keys.indexOf(key)] === "new"),
      "who has moved stays",
    ).toBe(true);
  });
});

test("a key that everybody wants is shared with as many as its load needs, and only then", () => {
  const balancer = consistentHash(...ten);
  const owner = balancer.pick({ now: 0, key: "/popular" }) ?? "";
  const counts: Record<string, number> = {};
  for (let nth = 0; nth < 100; nth++) {
    const id = balancer.pick({ now: 0, key: "/popular" }) ?? "";
    balancer.started(id);
    counts[id] = (counts[id] ?? 0) + 1;
  }
  expect(Math.max(...Object.values(counts))).toBeLessThanOrEqual(Math.ceil(loadBound * 10));
  expect(counts[owner]).toBe(Math.max(...Object.values(counts)));
});

test("simulated: under keys of which a few are wanted most, no member ever has more than its bound", () => {
  const instances = ["a", "b", "c", "slow"].map((id) => ({ id, serviceMs: id === "slow" ? 50 : 5 }));
  const keyOf = (random: () => number) => `/item/${Math.floor(1 / (random() + 0.001))}`;
  const simulated = { balance: "consistent-hash", instances, keyOf, load: { clients: 64 }, seed: 1 } as const;
  const visits = simulatePool({ ...simulated, requests: 10_000 });
  for (const { pending, pendingInAll } of visits)
    expect(pending).toBeLessThanOrEqual(Math.ceil((loadBound * pendingInAll) / 4));
  // And it is still a hash: a key is mostly where it was before, not at one of four by chance.
  const rare = visits.filter(({ key }) => key === "/item/7");
  const places = ["a", "b", "c", "slow"].map((id) => rare.filter((visit) => visit.id === id).length);
  expect(Math.max(...places) / rare.length).toBeGreaterThan(0.4);
});
