import { expect, test } from "vitest";
import { routingBench, tableOf, upstreamRule } from "./routing-bench.contract.ts";
import { answersOk, failsWith } from "./scripted-upstreams.contract.ts";

const three = ["one", "two", "three"];

test("an instance that fails five times in a row is left alone for half a minute", async () => {
  const bench = routingBench(tableOf(three, { balance: "round-robin" }));
  const one = bench.upstreams.get("one");
  one.script = ({ sink }) => sink.whole(500, [], "");
  for (let asked = 0; asked < 30; asked++) await bench.ask();
  expect(one.asked).toHaveLength(5);
  expect(bench.routing.figures().upstreams[0]).toMatchObject({
    usable: false,
    because: expect.stringContaining("failures"),
  });
  one.script = answersOk;
  await bench.clock.advance(30_100);
  for (let asked = 0; asked < 30; asked++) await bench.ask();
  expect(one.asked.length).toBeGreaterThan(5);
  expect(bench.routing.figures().upstreams[0]).toMatchObject({ usable: true });
});

test("an instance that fails its checks gets nothing until it passes them again", async () => {
  const bench = routingBench(tableOf(three, { balance: "round-robin" }, { healthPath: "/readyz" }));
  const one = bench.upstreams.get("one");
  const asked = () => one.asked.filter(({ request }) => request.target !== "/readyz").length;
  one.script = ({ request, sink }) => sink.whole(request.target === "/readyz" ? 503 : 200, [], "");
  await bench.clock.advance(10_000);
  for (let at = 0; at < 30; at++) await bench.ask();
  expect(asked()).toBe(0);
  expect(bench.routing.figures().upstreams[0]).toMatchObject({
    usable: false,
    because: "fails its checks: status 503",
  });
  expect(bench.routing.figures().upstreams[0]?.requests).toBe(0);
  one.script = answersOk;
  await bench.clock.advance(10_000);
  for (let at = 0; at < 30; at++) await bench.ask();
  expect(asked()).toBeGreaterThan(0);
});

test("a check without an answer has failed", async () => {
  const bench = routingBench(tableOf(three, {}, { healthPath: "/readyz" }));
  bench.upstreams.get("one").script = ({ request, sink }) => {
    if (request.target !== "/readyz") sink.whole(200, [], "");
  };
  await bench.clock.advance(15_000);
  expect(bench.routing.figures().upstreams[0]).toMatchObject({
    usable: false,
    because: expect.stringMatching(/no answer in/),
  });
  expect(bench.upstreams.get("one").asked[0]?.isAborted).toBe(true);
});

test("a canary gets its share", async () => {
  const upstreams = [upstreamRule("old", { release: 1 }), upstreamRule("new", { release: 2 })];
  const bench = routingBench(tableOf(upstreams, {}, { canary: { release: 2, share: 0.1 } }));
  for (let asked = 0; asked < 5_000; asked++) await bench.ask();
  const { new: share = 0 } = bench.upstreams.counts();
  expect(share / 5_000).toBeGreaterThan(0.08);
  expect(share / 5_000).toBeLessThan(0.12);
});

test("where the canary or the others are gone, whoever is there answers", async () => {
  const rules = (old: boolean, fresh: boolean) => [
    upstreamRule("old", { release: 1, draining: old }),
    upstreamRule("new", { release: 2, draining: fresh }),
  ];
  const canary = { release: 2, share: 0.5 };
  const bench = routingBench(tableOf(rules(true, false), {}, { canary }));
  for (let asked = 0; asked < 20; asked++) expect(await bench.ask()).toMatchObject({ status: 200 });
  expect(bench.upstreams.counts()).toEqual({ old: 0, new: 20 });
  bench.routing.apply(tableOf(rules(false, true), {}, { canary }, 2));
  for (let asked = 0; asked < 20; asked++) expect(await bench.ask()).toMatchObject({ status: 200 });
  expect(bench.upstreams.counts()).toEqual({ old: 20, new: 20 });
});

test("a client stays with its instance by a cookie, and gets another when that one is gone", async () => {
  const bench = routingBench(tableOf(three, { stickyCookie: "at" }));
  const first = await bench.ask();
  const cookie = first.headers[first.headers.indexOf("set-cookie") + 1] ?? "";
  expect(cookie).toMatch(/^at=[0-9a-f]{8}; Path=\/; HttpOnly; SameSite=Lax$/);
  const headers = ["host", "a.test", "cookie", `x=1; ${cookie.split(";")[0]}; y=2`];
  const its = three.find((id) => bench.upstreams.get(id).asked.length === 1) ?? "";
  for (let asked = 0; asked < 20; asked++) expect((await bench.ask({ headers })).headers).toEqual([]);
  expect(bench.upstreams.get(its).asked).toHaveLength(21);
  bench.upstreams.get(its).script = failsWith("connect");
  const moved = await bench.ask({ headers });
  expect(moved).toMatchObject({ status: 200, headers: ["set-cookie", expect.stringMatching(/^at=/)] });
});

test("consistent hashing keeps a path, or a header's value, with one instance", async () => {
  const bench = routingBench(tableOf(three, { balance: "consistent-hash" }));
  for (let asked = 0; asked < 10; asked++) await bench.ask({ target: `/same?n=${asked}` });
  expect(Object.values(bench.upstreams.counts()).sort()).toEqual([0, 0, 10]);
  const byHeader = routingBench(tableOf(three, { balance: "consistent-hash", hashBy: "header:X-Tenant" }));
  for (let asked = 0; asked < 10; asked++)
    await byHeader.ask({ target: `/${asked}`, headers: ["host", "a.test", "x-tenant", "t1"] });
  expect(Object.values(byHeader.upstreams.counts()).sort()).toEqual([0, 0, 10]);
});

test("a backup is asked only while nobody else can be", async () => {
  const bench = routingBench(tableOf(["one", upstreamRule("spare", { backup: true })]));
  for (let asked = 0; asked < 10; asked++) await bench.ask();
  expect(bench.upstreams.counts()).toEqual({ one: 10, spare: 0 });
  bench.upstreams.get("one").script = failsWith("connect");
  expect(await bench.ask()).toMatchObject({ status: 200 });
  expect(bench.upstreams.counts()).toMatchObject({ spare: 1 });
});
