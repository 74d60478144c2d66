import { expect, test } from "vitest";
import { routingBench, tableOf, upstreamRule } from "./routing-bench.contract.ts";
import { answersOk, failsWith, keepsQuiet } from "./scripted-upstreams.contract.ts";

test("requests wait for the first instance of a pool at rest, which is asked for, and are all answered in turn", async () => {
  const bench = routingBench(tableOf([], {}, { wakeMs: 10_000 }));
  const begun = Array.from({ length: 1_000 }, () => bench.begin().sink.answer);
  expect(bench.reports).toEqual([{ kind: "wanted", pool: "web" }]);
  expect(bench.routing.figures().services[0]).toMatchObject({ held: 1_000, pending: 1_000 });
  await bench.clock.advance(3_000);
  // A supervisor that came later hears of it, too.
  expect(bench.reports.length).toBeGreaterThanOrEqual(3);
  bench.routing.apply(tableOf(["one"], {}, { wakeMs: 10_000 }, 2));
  const answers = await Promise.all(begun);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(bench.routing.figures().services[0]).toMatchObject({ held: 0, pending: 0 });
});

test("who has waited too long for an instance, or gone away, is not kept", async () => {
  const bench = routingBench(tableOf([], {}, { wakeMs: 1_000 }));
  const gone = bench.begin();
  const late = bench.begin();
  gone.forwarding.abort();
  expect(bench.routing.figures().services[0]?.held).toBe(1);
  await bench.clock.advance(1_050);
  expect((await late.sink.answer).failure).toMatchObject({ reason: "no-instance" });
  expect(bench.routing.figures().services[0]).toMatchObject({ held: 0, pending: 0 });
});

test("without `wakeMs` nobody waits for an instance", async () => {
  const bench = routingBench(tableOf([]));
  expect((await bench.ask()).failure).toMatchObject({ reason: "no-instance" });
});

test("a paused service holds its requests until it goes on, each for as long as it may", async () => {
  const bench = routingBench(tableOf(["one"], { holdMs: 5_000 }));
  const first = bench.begin();
  await bench.clock.advance(5_050);
  expect((await first.sink.answer).failure).toMatchObject({ reason: "no-instance", says: "a is paused" });
  const second = bench.begin();
  expect(bench.upstreams.counts()).toEqual({ one: 0 });
  bench.routing.apply(tableOf(["one"], {}, {}, 2));
  expect(await second.sink.answer).toMatchObject({ status: 200 });
});

test("while the only instance is started again, what could not be sent to it waits, and no circuit opens", async () => {
  const bench = routingBench(tableOf(["one"], {}, { wakeMs: 10_000 }), failsWith("connect"));
  const begun = Array.from({ length: 100 }, () => bench.begin({ method: "POST" }).sink.answer);
  await bench.clock.advance(2_000);
  expect(bench.routing.figures().services[0]).toMatchObject({ held: 100, pending: 100 });
  bench.upstreams.get("one").script = answersOk;
  await bench.clock.advance(400);
  expect((await Promise.all(begun)).every(({ status }) => status === 200)).toBe(true);
});

test("what could not be sent to instances that are then taken out of the table waits for the next ones, also for a place", async () => {
  const wakeMs = 10_000;
  const bench = routingBench(tableOf(["one", "two"], { concurrencyMax: 50 }, { wakeMs }), failsWith("connect"));
  const begun = Array.from({ length: 100 }, () => bench.begin({ method: "POST" }).sink.answer);
  bench.routing.apply(tableOf([], { concurrencyMax: 50 }, { wakeMs }, 2));
  await bench.clock.advance(1_000);
  expect(bench.routing.figures().services[0]).toMatchObject({ held: 100, pending: 100, failures: 0 });
  bench.routing.apply(tableOf(["three"], { concurrencyMax: 50 }, { wakeMs }, 3));
  bench.upstreams.get("three").script = answersOk;
  await bench.clock.advance(400);
  expect((await Promise.all(begun)).map(({ status }) => status)).toEqual(Array(100).fill(200));
});

test("what waited for an instance has all its tries before it, once there is one", async () => {
  const bench = routingBench(tableOf(["one"], {}, { wakeMs: 10_000 }), failsWith("connect"));
  const { sink } = bench.begin();
  await bench.clock.advance(1_000);
  const one = bench.upstreams.get("one");
  one.script = ({ sink: its }) => {
    one.script = answersOk;
    its.fail({ reason: "reset", says: "not yet" });
  };
  await bench.clock.advance(400);
  expect(await sink.answer).toMatchObject({ status: 200 });
});

test("a service whose table is gone lets nobody wait", async () => {
  const bench = routingBench(tableOf(["one"], { holdMs: 5_000 }));
  const { sink } = bench.begin();
  bench.routing.apply({ version: 2, hosts: [], services: [], pools: [] });
  expect((await sink.answer).failure).toMatchObject({ reason: "no-instance" });
  expect(bench.upstreams.get("one").isClosed).toBe(true);
});

test("so many at once as allowed, so many wait, the rest is refused; places go in turn", async () => {
  const bench = routingBench(tableOf(["one"], { concurrencyMax: 2, queueMax: 2 }), keepsQuiet);
  const begun = Array.from({ length: 5 }, () => bench.begin());
  const one = bench.upstreams.get("one");
  expect(one.asked).toHaveLength(2);
  expect((await begun[4]?.sink.answer)?.failure).toMatchObject({ reason: "overloaded" });
  begun[2]?.forwarding.abort();
  one.asked[0]?.sink.whole(200, [], "ok");
  expect(one.asked).toHaveLength(3);
  expect(one.asked[2]?.request).toBe(begun[3]?.request);
});

test("more places let those go who wait for one", () => {
  const bench = routingBench(tableOf(["one"], { concurrencyMax: 1 }), keepsQuiet);
  for (let at = 0; at < 5; at++) bench.begin();
  expect(bench.upstreams.counts()).toEqual({ one: 1 });
  bench.routing.apply(tableOf(["one"], { concurrencyMax: 4 }, {}, 2));
  expect(bench.upstreams.counts()).toEqual({ one: 4 });
});

test("thousands that wait are let go one after the other, not each within the one before", async () => {
  const bench = routingBench(tableOf(["one"], { concurrencyMax: 1, queueMax: 20_000 }), keepsQuiet);
  const begun = Array.from({ length: 20_001 }, () => bench.begin({ method: "POST" }).sink.answer);
  const one = bench.upstreams.get("one");
  one.script = answersOk;
  one.asked[0]?.sink.whole(200, [], "ok");
  expect((await Promise.all(begun)).every(({ status }) => status === 200)).toBe(true);
});

test("who waited for a place until the deadline is told so, and does not take it", async () => {
  const bench = routingBench(tableOf(["one"], { concurrencyMax: 1, timeoutMs: 1_000 }), ({ sink }) =>
    sink.head(200, []),
  );
  bench.begin();
  const late = bench.begin();
  await bench.clock.advance(1_050);
  expect((await late.sink.answer).failure).toMatchObject({ reason: "overloaded" });
  bench.upstreams.get("one").asked[0]?.sink.end();
  expect(bench.routing.figures().services[0]).toMatchObject({ pending: 0 });
  bench.upstreams.get("one").script = answersOk;
  expect(await bench.ask()).toMatchObject({ status: 200 });
});

test("a service that fails again and again is left alone, says when to come back, and is tried again", async () => {
  const bench = routingBench(tableOf(["one"]), failsWith("reset"));
  for (let asked = 0; asked < 30; asked++) await bench.ask({ method: "POST" });
  const before = bench.upstreams.get("one").asked.length;
  const { failure } = await bench.ask({ method: "POST" });
  expect(failure).toMatchObject({ reason: "circuit-open", retryAfterMs: expect.any(Number) });
  expect(bench.upstreams.get("one").asked).toHaveLength(before);
  bench.upstreams.get("one").script = answersOk;
  await bench.clock.advance(1_100);
  for (let asked = 0; asked < 5; asked++) expect(await bench.ask()).toMatchObject({ status: 200 });
});

test("a route that answers 500 does not close the service to the others", async () => {
  const bench = routingBench(tableOf(["one"]), ({ request, sink }) =>
    sink.whole(request.target === "/bad" ? 500 : 200, [], ""),
  );
  for (let asked = 0; asked < 200; asked++) await bench.ask({ target: "/bad" });
  expect(await bench.ask()).toMatchObject({ status: 200 });
});

test("one service that is down does not touch another in other instances", async () => {
  const table = tableOf(["one"]);
  const bench = routingBench({
    ...table,
    hosts: [...table.hosts, { host: "b.test", service: "b" }],
    services: [...table.services, { name: "b", pool: "other" }],
    pools: [...table.pools, { name: "other", upstreams: [upstreamRule("two")] }],
  });
  bench.upstreams.get("one").script = failsWith("connect");
  for (let asked = 0; asked < 100; asked++) {
    expect((await bench.ask()).failure).toBeDefined();
    expect(await bench.ask({ authority: "b.test" })).toMatchObject({ status: 200 });
  }
});
