import { describe, expect, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import type { Balancer, Member } from "./balancer.ts";
import { makeBalancer } from "./make-balancer.ts";
import { countPicks, member } from "./members.contract.ts";
import { percentileMs, type SimulatedPool, sharesOf, simulatePool } from "./pool-simulation.contract.ts";

function p2c(...members: readonly Member[]): Balancer {
  const balancer = makeBalancer("p2c", { random: testRandom() });
  balancer.setMembers(members);
  return balancer;
}
const [a, b] = [member("a"), member("b")];

function tookMs(balancer: Balancer, id: string, ms: number, failed = false): void {
  balancer.started(id);
  balancer.finished(id, 0, { tookMs: ms, failed });
}

test("of two the one with the smaller load: its round trip, times the requests before the next", () => {
  const balancer = p2c(a, b);
  tookMs(balancer, "a", 10);
  tookMs(balancer, "b", 35);
  const picks = Array.from({ length: 4 }, () => {
    const id = balancer.pick({ now: 0 }) ?? "";
    balancer.started(id);
    return id;
  });
  // Loads of a: 10, 20, 30, 40; of b: 35.
  expect(picks).toEqual(["a", "a", "a", "b"]);
});

test("a greater weight makes a load lighter", () => {
  const balancer = p2c(member("a", { weight: 4 }), b);
  tookMs(balancer, "a", 30);
  tookMs(balancer, "b", 10);
  expect(countPicks(balancer, 20)).toEqual({ a: 20 });
});

test("a new member gets one request, and the next only when that one is answered", () => {
  const balancer = p2c(a, member("new"));
  tookMs(balancer, "a", 10);
  expect(balancer.pick({ now: 0 })).toBe("new");
  balancer.started("new");
  for (let nth = 0; nth < 50; nth++) balancer.started("a");
  expect(countPicks(balancer, 20)).toEqual({ a: 20 });
  balancer.finished("new", 0, { tookMs: 10, failed: false });
  expect(countPicks(balancer, 20)).toEqual({ new: 20 });
});

test("in a panic the one that is well comes before the suspect, however loaded it is", () => {
  const suspects = [member("c", { status: "suspect" }), member("d", { status: "suspect" })];
  const balancer = p2c(a, b, ...suspects);
  for (const id of ["a", "b"]) tookMs(balancer, id, 1_000);
  const { a: ofA = 0, b: ofB = 0, c = 0, d = 0 } = countPicks(balancer, 6_000);
  // Two suspects are drawn together in one of six draws.
  expect((ofA + ofB) / 5_000).toBeCloseTo(1, 1);
  expect((c + d) / 1_000).toBeCloseTo(1, 1);
});

test("a member that has only ever failed is left alone for some seconds, then asked again", () => {
  const balancer = p2c(a, member("broken"));
  tookMs(balancer, "a", 10);
  tookMs(balancer, "broken", 1, true);
  expect(balancer.pick({ now: 5_000 })).toBe("a");
  expect(balancer.pick({ now: 8_000 })).toBe("broken");
});

describe("simulated", () => {
  const four = ["a", "b", "c", "d"].map((id) => ({ id, serviceMs: 5 }));
  const oneSlow = four.map((each) => (each.id === "d" ? { id: "d", serviceMs: 50 } : each));
  const run = (changes: Partial<SimulatedPool>) =>
    simulatePool({ balance: "p2c", instances: four, load: { clients: 32 }, requests: 10_000, seed: 1, ...changes });

  test.each([1, 2, 3])("equal instances get equal shares (seed %d)", (seed) => {
    for (const share of sharesOf(run({ seed }), four)) expect(Math.abs(share - 0.25)).toBeLessThan(0.01);
  });

  test.each([1, 2, 3])(
    "under full load a 10x slower instance gets a tenth of what the others get (seed %d)",
    (seed) => {
      const [, , ofFast = 0, ofSlow = 0] = sharesOf(run({ instances: oneSlow, seed, load: { clients: 64 } }), oneSlow);
      expect(ofFast / ofSlow).toBeGreaterThan(8);
      expect(ofFast / ofSlow).toBeLessThan(12);
    },
  );

  test("under little load it gets nearly nothing, and nobody waits for it: p99 is as without it", () => {
    const load = { perSecond: 200 };
    const [with10x, without] = [run({ instances: oneSlow, load }), run({ load })];
    expect(sharesOf(with10x, oneSlow)[3]).toBeLessThan(0.03);
    expect(percentileMs(with10x, 0.99)).toBeLessThan(3 * percentileMs(without, 0.99));
    expect(percentileMs(run({ instances: oneSlow, load, balance: "round-robin" }), 0.99)).toBeGreaterThan(
      20 * percentileMs(with10x, 0.99),
    );
  });

  test("an instance that becomes well again gets its share back", () => {
    const fails = { from: 2_000, until: 4_000 };
    const instances = four.map((each) => (each.id === "d" ? { ...each, fails } : each));
    const visits = run({ instances, load: { perSecond: 400 }, requests: 20_000 });
    const during = visits.filter(({ at }) => at > 2_500 && at < 4_000);
    const later = visits.filter(({ at }) => at > 30_000);
    expect(sharesOf(during, four)[3]).toBeLessThan(0.02);
    expect(Math.abs((sharesOf(later, four)[3] as number) - 0.25)).toBeLessThan(0.05);
  });

  test.each([1, 2, 3])(
    "an instance that fails at once attracts nobody, even if it is never ejected (seed %d)",
    (seed) => {
      const fails = { from: 0, until: Number.POSITIVE_INFINITY };
      const instances = four.map((each) => (each.id === "d" ? { ...each, fails } : each));
      const visits = run({ instances, seed });
      expect(sharesOf(visits, instances)[3]).toBeLessThan(0.01);
      expect(visits.filter(({ failed }) => failed).length / visits.length).toBeLessThan(0.01);
    },
  );

  test("a joining instance is not flooded: its share grows over the slow start, and none of its visitors waits long", () => {
    const instances = four.map((each) => (each.id === "d" ? { ...each, joinsAt: 5_000 } : each));
    const visits = run({ instances, load: { perSecond: 300 }, requests: 9_000, slowStartMs: 10_000 });
    const shareBetween = (from: number, until: number) =>
      sharesOf(
        visits.filter(({ at }) => at >= from && at < until),
        instances,
      )[3] as number;
    expect(shareBetween(0, 5_000)).toBe(0);
    expect(shareBetween(5_000, 6_000)).toBeLessThan(0.1);
    expect(shareBetween(9_000, 11_000)).toBeGreaterThan(shareBetween(5_000, 7_000));
    expect(Math.abs(shareBetween(16_000, 30_000) - 0.25)).toBeLessThan(0.05);
    expect(Math.max(...visits.filter(({ id }) => id === "d").map(({ pending }) => pending))).toBeLessThan(8);
  });

  test("when an instance leaves, its share goes to the others and nothing to nobody", () => {
    const instances = four.map((each) => (each.id === "d" ? { ...each, leavesAt: 3_000 } : each));
    const later = run({ instances }).filter(({ at }) => at >= 3_000);
    expect(later.length).toBeGreaterThan(1_000);
    for (const share of sharesOf(later, instances).slice(0, 3)) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.02);
    expect(sharesOf(later, instances)[3]).toBe(0);
  });
});
