import { expect, test } from "vitest";
import { silentLog } from "../../testing/silent-log.ts";
import { testClock } from "../../testing/test-clock.ts";
import { testRandom } from "../../testing/test-random.ts";
import { Collector, gatewayRequest } from "../upstreams/ask.contract.ts";
import { openRouting } from "./open-routing.ts";
import { routingBench, tableOf, upstreamRule } from "./routing-bench.contract.ts";
import { answersOk, keepsQuiet, ScriptedUpstreams } from "./scripted-upstreams.contract.ts";

test("a host that nobody answers at is told so, and nobody is asked", async () => {
  const bench = routingBench({
    ...tableOf(["one"]),
    hosts: [{ host: "a.test", service: "a" }],
  });
  expect((await bench.ask({ authority: "b.test" })).failure).toMatchObject({ reason: "unknown-host" });
  expect(await bench.ask({ authority: "a.test:3000" })).toMatchObject({ status: 200 });
  expect(bench.upstreams.counts()).toEqual({ one: 1 });
});

test("who answered, and how long it took, is noted", async () => {
  const bench = routingBench(tableOf([upstreamRule("one", { release: 4 })]), keepsQuiet);
  const { request, sink } = bench.begin();
  await bench.clock.advance(30);
  bench.upstreams.get("one").asked[0]?.sink.whole(200, [], "ok");
  await sink.answer;
  expect(request.facts).toMatchObject({ service: "a", upstream: "one", release: 4, tries: 1, upstreamMs: 30 });
  expect(bench.routing.figures()).toMatchObject({
    version: 1,
    services: [{ service: "a", requests: 1, failures: 0, pending: 0, held: 0 }],
    upstreams: [{ upstream: "one", release: 4, requests: 1, failures: 0, pending: 0, usable: true }],
  });
  expect(bench.routing.figures().upstreams[0]?.p50Ms).toBeCloseTo(30, 0);
});

test("a table that contradicts itself, or is older, changes nothing", async () => {
  const bench = routingBench(tableOf(["one"], {}, {}, 5));
  expect(() => bench.routing.apply(tableOf(["two"], { pool: "none" }, {}, 6))).toThrow(/pool `none` is unknown/);
  expect(() => bench.routing.apply(tableOf(["two"], {}, {}, 4))).toThrow(/older than the present one, 5/);
  await bench.ask();
  expect(bench.upstreams.counts()).toEqual({ one: 1 });
  expect(bench.routing.figures().version).toBe(5);
});

test("maintenance answers everything with its text, and asks nobody", async () => {
  const bench = routingBench(tableOf(["one"], { maintenance: "Back at nine" }));
  expect((await bench.ask()).failure).toEqual({ reason: "maintenance", says: "Back at nine" });
  expect(bench.routing.figures().services[0]).toMatchObject({ requests: 1, failures: 1, pending: 0 });
  bench.routing.apply(tableOf(["one"], {}, {}, 2));
  expect(await bench.ask()).toMatchObject({ status: 200 });
});

test("an instance that drains gets nothing new, finishes what it has, and is told then, once", async () => {
  const bench = routingBench(tableOf(["one"]), keepsQuiet);
  const first = bench.begin();
  const second = bench.begin();
  bench.routing.apply(tableOf([upstreamRule("one", { draining: true }), "two"], {}, {}, 2));
  bench.upstreams.get("two").script = answersOk;
  for (let asked = 0; asked < 20; asked++) expect(await bench.ask()).toMatchObject({ status: 200 });
  expect(bench.reports).toEqual([]);
  expect(bench.routing.figures().upstreams[0]).toMatchObject({
    usable: false,
    because: expect.stringContaining("finishes"),
  });
  second.forwarding.abort();
  expect(bench.reports).toEqual([]);
  bench.upstreams.get("one").asked[0]?.sink.whole(200, [], "late");
  expect((await first.sink.answer).body).toBe("late");
  expect(bench.reports).toEqual([{ kind: "drained", upstream: "one" }]);
  bench.routing.apply(tableOf([upstreamRule("one", { draining: true }), "two"], {}, {}, 3));
  expect(bench.reports).toHaveLength(1);
  bench.routing.apply(tableOf(["one", "two"], {}, {}, 4));
  bench.routing.apply(tableOf([upstreamRule("one", { draining: true }), "two"], {}, {}, 5));
  expect(bench.reports).toHaveLength(2);
});

test("one that has nothing to finish is drained at once", () => {
  const bench = routingBench(tableOf(["one"]));
  bench.routing.apply(tableOf([upstreamRule("one", { draining: true }), "two"], {}, {}, 2));
  expect(bench.reports).toEqual([{ kind: "drained", upstream: "one" }]);
});

test("figures and the way to an upstream are kept across tables; one with another address is another one", async () => {
  const bench = routingBench(tableOf(["one"]));
  await bench.ask();
  bench.routing.apply(tableOf(["one", "two"], {}, {}, 2));
  const one = bench.upstreams.get("one");
  expect(bench.routing.figures().upstreams[0]).toMatchObject({ upstream: "one", requests: 1 });
  expect(one.isClosed).toBe(false);
  bench.routing.apply(tableOf([upstreamRule("one", { address: { frames: "/run/other.sock" } }), "two"], {}, {}, 3));
  expect(one.isClosed).toBe(true);
  expect(bench.routing.figures().upstreams[0]).toMatchObject({ upstream: "one", requests: 0 });
});

test("a table of which one upstream cannot be made changes nothing, and leaves nothing open", async () => {
  const made = new ScriptedUpstreams();
  const routing = openRouting({
    clock: testClock(),
    stopwatch: () => 0,
    random: testRandom(1),
    log: silentLog,
    lastingMs: 20_000,
    onReport: () => {},
    upstreamFor: (rule) => {
      if (rule.id === "bad") throw new Error("no such socket");
      return made.make(rule);
    },
  });
  expect(() => routing.apply(tableOf(["one", "bad"]))).toThrow("no such socket");
  expect(made.get("one").isClosed).toBe(true);
  expect(routing.figures()).toEqual({ version: 0, services: [], upstreams: [] });
});

test("a retry after the table has changed goes to an instance of the new one", async () => {
  const bench = routingBench(tableOf(["one"]), keepsQuiet);
  const { sink, request } = bench.begin();
  bench.routing.apply(tableOf(["two"], {}, {}, 2));
  bench.upstreams.get("two").script = answersOk;
  bench.upstreams.get("one").asked[0]?.sink.fail({ reason: "reset", says: "ended" });
  expect(await sink.answer).toMatchObject({ status: 200 });
  expect(request.facts.upstream).toBe("two");
});

test("a stream of events is waited for as long as it may have an end, and no longer", async () => {
  const bench = routingBench(tableOf(["one"]), keepsQuiet);
  const listen = (place: number) => {
    bench.hop.forward(gatewayRequest({ startMs: bench.clock.now() }), new Collector());
    const sink = bench.upstreams.get("one").asked[place]?.sink;
    sink?.head(200, ["content-type", "text/event-stream"]);
    return sink;
  };
  listen(0);
  await bench.clock.advance(15_000);
  const short = listen(1);
  listen(2);
  bench.routing.apply(tableOf([upstreamRule("one", { draining: true })], {}, {}, 2));
  await bench.clock.advance(5_100);
  short?.end();
  expect(bench.reports).toEqual([]);
  await bench.clock.advance(14_000);
  expect(bench.reports).toEqual([]);
  await bench.clock.advance(1_000);
  expect(bench.reports).toEqual([{ kind: "drained", upstream: "one" }]);
});

test("switched protocols, which an instance ends itself, keep it neither from others nor from being drained", async () => {
  const bench = routingBench(tableOf(["one"], { concurrencyMax: 1 }), keepsQuiet);
  const sink = new Collector();
  bench.hop.upgrade(gatewayRequest({ startMs: bench.clock.now() }), sink);
  bench.routing.apply(tableOf([upstreamRule("one", { draining: true })], { concurrencyMax: 1 }, {}, 2));
  expect(bench.reports).toEqual([]);
  const side = bench.upstreams.get("one").asked[0]?.upgradeSink?.switched(["upgrade", "websocket"]);
  expect(sink.status).toBe(101);
  expect(bench.reports).toEqual([{ kind: "drained", upstream: "one" }]);
  bench.routing.apply(tableOf(["one"], { concurrencyMax: 1 }, {}, 3));
  bench.upstreams.get("one").script = answersOk;
  expect(await bench.ask()).toMatchObject({ status: 200 });
  const closed = new Promise((resolve) => side?.once("close", resolve));
  side?.destroy();
  await closed;
  expect(bench.reports).toHaveLength(1);
  bench.routing.apply(tableOf([upstreamRule("one", { draining: true })], {}, {}, 4));
  expect(bench.reports).toHaveLength(2);
});

test.each([
  ["ahead", 3_600_000],
  ["back", -3_600_000],
])("a clock that is set %s an hour leaves deadlines as long as they are", async (_, stepMs) => {
  const clock = testClock();
  let stepped = 0;
  const made = new ScriptedUpstreams(keepsQuiet);
  const routing = openRouting({
    clock: { after: clock.after.bind(clock), now: () => clock.now() + stepped },
    stopwatch: () => clock.now(),
    random: testRandom(1),
    log: silentLog,
    lastingMs: 20_000,
    onReport: () => {},
    upstreamFor: made.make,
  });
  routing.apply(tableOf(["one"], { timeoutMs: 2_000 }));
  stepped = stepMs;
  await clock.advance(100);
  const sink = new Collector();
  routing.services.forward(gatewayRequest({ startMs: clock.now() + stepped }), sink);
  await clock.advance(1_900);
  expect(routing.figures().services[0]?.pending).toBe(1);
  await clock.advance(200);
  expect((await sink.answer).failure).toMatchObject({ reason: "timeout" });
});

test("closing tells whoever is held, and ends the ways to upstreams", async () => {
  const bench = routingBench(tableOf(["one"], { holdMs: 1_000 }));
  const { sink } = bench.begin();
  bench.routing.close();
  expect((await sink.answer).failure).toMatchObject({ reason: "no-instance" });
  expect(bench.upstreams.get("one").isClosed).toBe(true);
  expect(bench.clock.pending).toBe(0);
});
