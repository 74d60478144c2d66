import { describe, expect, it, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import type { Balancer, Member } from "./balancer.ts";
import { balancerNames, makeBalancer } from "./make-balancer.ts";
import { countPicks, member, wishOfNth } from "./members.contract.ts";
import { stickyValueOf } from "./sticky.ts";

describe.each(balancerNames)("every way of balancing: %s", (name) => {
  function balancerOf(...members: readonly Member[]): Balancer {
    const balancer = makeBalancer(name, { random: testRandom() });
    balancer.setMembers(members);
    return balancer;
  }
  const idsOf = (balancer: Balancer, count = 300) => Object.keys(countPicks(balancer, count)).sort();

  it("names nobody where there is nobody", () => {
    expect(makeBalancer(name, { random: testRandom() }).pick({ now: 0, key: "a" })).toBeUndefined();
    expect(idsOf(balancerOf(member("a", { status: "closed" })))).toEqual(["nobody"]);
  });

  it("reaches every member, and equal members about equally", () => {
    const counts = countPicks(balancerOf(member("a"), member("b"), member("c")), 9_000);
    expect(Object.keys(counts).sort()).toEqual(["a", "b", "c"]);
    for (const count of Object.values(counts)) expect(Math.abs(count / 3_000 - 1)).toBeLessThan(0.2);
  });

  it("works without a key", () => {
    const balancer = balancerOf(member("a"), member("b"), member("c"));
    expect(Object.keys(countPicks(balancer, 300, () => ({ now: 0 }))).sort()).toEqual(["a", "b", "c"]);
  });

  it("leaves suspects alone, and closed members even more so", () => {
    const [a, b, c, d] = [member("a"), member("b"), member("c"), member("d", { status: "suspect" })];
    const balancer = balancerOf(a, b, c, d, member("e", { status: "closed" }));
    expect(idsOf(balancer)).toEqual(["a", "b", "c"]);
    expect(balancer.panics).toBe(false);
  });

  it("panics when half are suspects: balances over all but the closed", () => {
    const [c, d] = [member("c", { status: "suspect" }), member("d", { status: "suspect" })];
    const balancer = balancerOf(member("a"), member("b"), c, d, member("e", { status: "closed" }));
    expect(idsOf(balancer)).toEqual(["a", "b", "c", "d"]);
    expect(balancer.panics).toBe(true);
  });

  it("asks the only member even if it is a suspect", () => {
    expect(idsOf(balancerOf(member("a", { status: "suspect" })))).toEqual(["a"]);
  });

  it("asks backups only while no primary is usable", () => {
    const [backup, other] = [member("spare-1", { backup: true }), member("spare-2", { backup: true })];
    const balancer = balancerOf(member("a"), backup, other);
    expect(idsOf(balancer)).toEqual(["a"]);
    balancer.setMembers([member("a", { status: "suspect" }), backup, other]);
    expect(idsOf(balancer)).toEqual(["spare-1", "spare-2"]);
    balancer.setMembers([member("a", { status: "suspect" }), member("b", { status: "closed" })]);
    expect(idsOf(balancer)).toEqual(["a"]);
  });

  it("gives a retry to one that was not tried, then to a backup, then to nobody", () => {
    const balancer = balancerOf(member("a"), member("b"), member("c"), member("spare", { backup: true }));
    const wish = (...avoid: readonly string[]) => ({ ...wishOfNth(7), avoid });
    expect(Object.keys(countPicks(balancer, 300, (nth) => ({ ...wishOfNth(nth), avoid: ["a"] }))).sort()).toEqual([
      "b",
      "c",
    ]);
    expect(balancer.pick(wish("a", "b"))).toBe("c");
    expect(balancer.pick(wish("a", "b", "c"))).toBe("spare");
    expect(balancer.pick(wish("a", "b", "c", "spare"))).toBeUndefined();
  });

  it("does not flood a member that has just joined: at first a tenth of its share, after the slow start all of it", () => {
    const pool = [member("a"), member("b"), member("c"), member("new", { joinedAt: 1_000 })];
    const shareAt = (now: number): number => {
      // One balancer each time: what the algorithms remember of the first part is not what is looked at.
      const balancer = makeBalancer(name, { random: testRandom(), slowStartMs: 10_000 });
      balancer.setMembers(pool);
      return (countPicks(balancer, 8_000, (nth) => ({ ...wishOfNth(nth), now })).new ?? 0) / 2_000;
    };
    expect(shareAt(1_000)).toBeGreaterThan(0.05);
    expect(shareAt(1_000)).toBeLessThan(0.2);
    expect(shareAt(6_000)).toBeGreaterThan(0.35);
    expect(shareAt(6_000)).toBeLessThan(0.75);
    expect(shareAt(11_000)).toBeGreaterThan(0.8);
  });

  it("holds nobody back where all have just joined", () => {
    const balancer = makeBalancer(name, { random: testRandom(), slowStartMs: 10_000 });
    balancer.setMembers([member("a", { joinedAt: 0 }), member("b", { joinedAt: 0 })]);
    expect(countPicks(balancer, 2_000).a).toBeGreaterThan(800);
    expect(countPicks(balancer, 2_000).b).toBeGreaterThan(800);
  });
});

const twoOf = (...ids: readonly string[]) => {
  const balancer = makeBalancer("p2c", { random: testRandom() });
  balancer.setMembers(ids.map((id) => member(id)));
  return balancer;
};

test("what is known of members that stay is kept when others come and go", () => {
  const balancer = twoOf("a", "b");
  balancer.started("a");
  balancer.started("a");
  balancer.finished("a", 1_000, { tookMs: 30, failed: false });
  balancer.setMembers([member("c"), member("a", { weight: 3 })]);
  expect(balancer.stats(1_000)).toEqual([
    { id: "c", pending: 0, costMs: 0, successRate: 1, weightNow: 1 },
    { id: "a", pending: 1, costMs: 30, successRate: 1, weightNow: 3 },
  ]);
});

test("a member that comes back while old requests of it are under way is not credited with their ends", () => {
  const balancer = twoOf("a", "b");
  balancer.started("a");
  balancer.setMembers([member("b")]);
  balancer.setMembers([member("a"), member("b")]);
  balancer.started("a");
  balancer.abandoned("a");
  expect(balancer.stats(0)[0]).toMatchObject({ id: "a", pending: 1 });
});

test("a member that left is forgotten with its last request", () => {
  const balancer = twoOf("a", "b");
  balancer.started("a");
  balancer.finished("a", 0, { tookMs: 30, failed: false });
  balancer.started("a");
  balancer.setMembers([member("b")]);
  balancer.finished("a", 0, { tookMs: 30, failed: false });
  balancer.setMembers([member("a"), member("b")]);
  expect(balancer.stats(0)[0]).toMatchObject({ id: "a", pending: 0, costMs: 0 });
});

test("ends of requests that nobody began are nothing", () => {
  const balancer = twoOf("a");
  balancer.abandoned("a");
  balancer.finished("stranger", 0, { tookMs: 1, failed: true });
  balancer.started("stranger");
  expect(balancer.stats(0)).toEqual([{ id: "a", pending: 0, costMs: 0, successRate: 1, weightNow: 1 }]);
});

test("a sticky cookie names its member while that one can be asked, and nobody afterwards", () => {
  const balancer = twoOf("a", "b", "c");
  expect(balancer.sticky(stickyValueOf("b"))).toBe("b");
  expect(balancer.sticky("made up")).toBeUndefined();
  balancer.setMembers([member("a"), member("b", { status: "suspect" }), member("c")]);
  expect(balancer.sticky(stickyValueOf("b"))).toBeUndefined();
  balancer.setMembers([member("a"), member("b", { status: "closed" }), member("c")]);
  expect(balancer.sticky(stickyValueOf("b"))).toBeUndefined();
});

test("a sticky cookie tells a client nothing of the installation", () => {
  expect(stickyValueOf("web-1@3")).toMatch(/^[0-9a-f]{8}$/);
  expect(stickyValueOf("web-2@3")).not.toBe(stickyValueOf("web-1@3"));
});

test.each([0, -1, Number.NaN, 100.5, Number.POSITIVE_INFINITY])("a weight of %d is refused", (weight) => {
  const balancer = twoOf("a");
  expect(() => balancer.setMembers([member("b", { weight })])).toThrow(RangeError);
  expect(balancer.pick({ now: 0 }), "the pool is as it was").toBe("a");
});

test("the same seed gives the same choices", () => {
  const picks = () => {
    const balancer = twoOf("a", "b", "c");
    return Array.from({ length: 50 }, (_, nth) => balancer.pick(wishOfNth(nth)));
  };
  expect(picks()).toEqual(picks());
});
