import { expect, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import type { Member } from "./balancer.ts";
import { makeBalancer } from "./make-balancer.ts";
import { countPicks, member, wishOfNth } from "./members.contract.ts";
import { sharesOf, simulatePool } from "./pool-simulation.contract.ts";

function ipHash(...members: readonly Member[]) {
  const balancer = makeBalancer("ip-hash", { random: testRandom() });
  balancer.setMembers(members);
  return balancer;
}
const clients = Array.from({ length: 2_000 }, (_, nth) => wishOfNth(nth));
const [a, b, c, d] = [member("a"), member("b"), member("c"), member("d")];

test("a client stays with its member, in every gateway, in whatever order that has its members", () => {
  const balancer = ipHash(a, b, c);
  const other = ipHash(c, a, b);
  for (const client of clients) expect(other.pick(client)).toBe(balancer.pick(client));
});

test("a network is one client", () => {
  const balancer = ipHash(a, b, c, d);
  const ids = Array.from({ length: 256 }, (_, last) => balancer.pick({ now: 0, key: `192.0.2.${last}` }));
  expect(new Set(ids).size).toBe(1);
});

test("10,000 networks are spread by weight, within a few percent", () => {
  const counts = countPicks(ipHash(member("a", { weight: 3 }), b), 10_000);
  expect((counts.a ?? 0) / 7_500).toBeCloseTo(1, 1);
});

test("while a member cannot be asked only its own clients move, each to one place, and they come back", () => {
  const balancer = ipHash(a, b, c, d);
  const before = clients.map((client) => balancer.pick(client));
  balancer.setMembers([a, b, c, member("d", { status: "suspect" })]);
  const during = clients.map((client) => balancer.pick(client));
  expect(during).toEqual(clients.map((client) => balancer.pick(client)));
  const movedTo = during.filter((_, nth) => before[nth] === "d");
  expect(during.filter((id, nth) => id !== before[nth])).toEqual(movedTo);
  for (const id of ["a", "b", "c"]) expect(movedTo.filter((to) => to === id).length).toBeGreaterThan(100);
  balancer.setMembers([a, b, c, d]);
  expect(clients.map((client) => balancer.pick(client))).toEqual(before);
});

test("simulated: a client meets one instance, also a slow one", () => {
  const instances = ["a", "b", "c", "slow"].map((id) => ({ id, serviceMs: id === "slow" ? 50 : 5 }));
  const keyOf = (random: () => number) => `10.0.${Math.floor(random() * 100)}.1`;
  const simulated = { balance: "ip-hash", instances, keyOf, load: { clients: 16 }, seed: 1 } as const;
  const visits = simulatePool({ ...simulated, requests: 10_000 });
  expect(new Set(visits.map(({ key, id }) => `${key} ${id}`)).size).toBe(100);
  expect(sharesOf(visits, instances)[3]).toBeGreaterThan(0.15);
});
