import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { triesMax } from "../../policies/may-retry.ts";
import { retryBudgetDefaults } from "../../policies/retry-budget.ts";
import { settled } from "../../testing/test-clock.ts";
import { routingBench, tableOf } from "./routing-bench.contract.ts";
import { answersOk, failsWith, keepsQuiet } from "./scripted-upstreams.contract.ts";

test.each(["connect", "unsent", "reset", "invalid-answer"] as const)(
  "a GET that ends in %s is asked of another instance",
  async (reason) => {
    const bench = routingBench(tableOf(["one", "two"], { balance: "round-robin" }));
    bench.upstreams.get("one").script = failsWith(reason);
    for (let asked = 0; asked < 4; asked++) expect(await bench.ask()).toMatchObject({ status: 200, body: "ok" });
    expect(bench.upstreams.get("one").asked.length).toBeGreaterThan(0);
  },
);

test("a POST goes again only where nobody can have seen it, or it says that it may", async () => {
  const bench = routingBench(tableOf(["one"]), failsWith("reset"));
  const headers = ["host", "a.test", "idempotency-key", "k1"];
  expect((await bench.ask({ method: "POST" })).failure).toMatchObject({ reason: "reset" });
  expect(bench.upstreams.counts()).toEqual({ one: 1 });
  await bench.ask({ method: "POST", headers });
  expect(bench.upstreams.counts()).toEqual({ one: 1 + triesMax });
  bench.upstreams.get("one").script = failsWith("connect");
  await bench.ask({ method: "POST" });
  expect(bench.upstreams.counts()).toEqual({ one: 1 + 2 * triesMax });
});

test("retries are bounded by their budget, so that a bad day is not amplified", async () => {
  const bench = routingBench(tableOf(["one", "two"]), ({ request, sink }) => {
    if (request.facts.tries === 1) sink.fail({ reason: "reset", says: "the first try of each fails" });
    else sink.whole(200, [], "");
  });
  for (let asked = 0; asked < 2_000; asked++) await bench.ask();
  const tries = Object.values(bench.upstreams.counts()).reduce((sum, count) => sum + count, 0);
  const retries = tries - bench.routing.figures().upstreams.reduce((sum, { failures }) => sum + failures, 0);
  expect(bench.routing.figures().services[0]?.retries).toBe(retries);
  expect(retries).toBeGreaterThan(100);
  expect(retries).toBeLessThanOrEqual(retryBudgetDefaults.ratio * 2_000 + 100);
});

test("an instance that never answers has half of the time, and another one the rest", async () => {
  const bench = routingBench(tableOf(["one", "two"], { balance: "round-robin", timeoutMs: 10_000 }), keepsQuiet);
  const { sink, request } = bench.begin();
  const first = request.facts.upstream ?? "";
  const other = first === "one" ? "two" : "one";
  bench.upstreams.get(other).script = answersOk;
  await bench.clock.advance(4_900);
  expect(request.facts.tries).toBe(1);
  await bench.clock.advance(200);
  expect(await sink.answer).toMatchObject({ status: 200 });
  expect(bench.upstreams.get(first).asked[0]?.isAborted).toBe(true);
  expect(request.facts).toMatchObject({ upstream: other, tries: 2 });
});

test("what nobody answers in time has timed out, within a look of its deadline", async () => {
  const bench = routingBench(tableOf(["one"], { timeoutMs: 2_000 }), keepsQuiet);
  const { sink } = bench.begin({ method: "POST" });
  await bench.clock.advance(1_950);
  expect(bench.routing.figures().services[0]?.pending).toBe(1);
  await bench.clock.advance(100);
  expect((await sink.answer).failure).toMatchObject({ reason: "timeout" });
  expect(bench.routing.figures().services[0]).toMatchObject({ pending: 0, failures: 1 });
});

test("a deadline that the client set says nothing against the instance", async () => {
  const bench = routingBench(tableOf(["one"]), keepsQuiet);
  for (let asked = 0; asked < 30; asked++) bench.begin({ method: "POST", deadlineMs: bench.clock.now() + 10 });
  await bench.clock.advance(100);
  expect(bench.routing.figures()).toMatchObject({ services: [{ pending: 0 }], upstreams: [{ failures: 0 }] });
  bench.upstreams.get("one").script = answersOk;
  expect(await bench.ask()).toMatchObject({ status: 200 });
});

test("after the head there is no other try and no deadline: a stream lasts as long as it lasts", async () => {
  const bench = routingBench(tableOf(["one", "two"]), ({ sink }) =>
    sink.head(200, ["content-type", "text/event-stream"]),
  );
  const { sink, request } = bench.begin();
  await bench.clock.advance(600_000);
  const asked = bench.upstreams.get(request.facts.upstream ?? "").asked[0];
  asked?.sink.data(Buffer.from("data: 1\n\n"));
  asked?.sink.fail({ reason: "reset", says: "gone" });
  expect(await sink.answer).toMatchObject({ status: 200, body: "data: 1\n\n", failure: { reason: "reset" } });
  expect(request.facts.tries).toBe(1);
});

test("an instance that answers 503 is passed over where another one can be asked", async () => {
  const bench = routingBench(tableOf(["one", "two"], { balance: "round-robin" }));
  bench.upstreams.get("one").script = ({ sink }) => sink.whole(503, [], "not now");
  for (let asked = 0; asked < 4; asked++) expect(await bench.ask()).toMatchObject({ status: 200 });
  bench.upstreams.get("two").script = ({ sink }) => sink.whole(503, [], "nor here");
  expect(await bench.ask()).toMatchObject({ status: 503 });
  expect(await bench.ask({ method: "POST" })).toMatchObject({ status: 503 });
});

test("an instance that is alone with its 503 is not asked for it twice", async () => {
  const bench = routingBench(tableOf(["one"]), ({ sink }) => sink.whole(503, [], "not now"));
  expect(await bench.ask()).toMatchObject({ status: 503, body: "not now" });
  expect(bench.upstreams.counts()).toEqual({ one: 1 });
});

test("an answer of 500 is an answer", async () => {
  const bench = routingBench(tableOf(["one", "two"]), ({ sink }) => sink.whole(500, [], "broken"));
  expect(await bench.ask()).toMatchObject({ status: 500, body: "broken" });
  expect(bench.routing.figures().services[0]).toMatchObject({ failures: 1 });
});

test("a body goes again, as long as it is small and was kept", async () => {
  const bodies: Promise<string>[] = [];
  const read = async (body: unknown): Promise<string> => {
    let text = "";
    for await (const chunk of body as Readable) text += chunk;
    return text;
  };
  const bench = routingBench(tableOf(["one"]), ({ request, sink }) => {
    const text = read(request.body);
    bodies.push(text);
    void text.then(() =>
      bodies.length < 3 ? sink.fail({ reason: "reset", says: "gone" }) : sink.whole(200, [], "taken"),
    );
  });
  const small = Readable.from([Buffer.from("one "), Buffer.from("two")]);
  expect(await bench.ask({ method: "PUT", body: small })).toMatchObject({ status: 200 });
  expect(await Promise.all(bodies)).toEqual(["one two", "one two", "one two"]);
  bodies.length = 0;
  const large = Readable.from([Buffer.alloc(60_000, "a"), Buffer.alloc(60_000, "b")]);
  expect((await bench.ask({ method: "PUT", body: large })).failure).toMatchObject({ reason: "reset" });
  expect(bodies).toHaveLength(1);
  expect(await bodies[0]).toHaveLength(120_000);
});

test("a body that was not begun goes to another instance whatever its method", async () => {
  const bench = routingBench(tableOf(["one", "two"], { balance: "round-robin" }), failsWith("connect"));
  const two = bench.upstreams.get("two");
  two.script = async ({ request, sink }) => {
    let text = "";
    for await (const chunk of request.body as Readable) text += chunk;
    sink.whole(200, [], text);
  };
  for (let asked = 0; asked < 2; asked++) {
    const body = Readable.from([Buffer.from("order")]);
    expect(await bench.ask({ method: "POST", body })).toMatchObject({ status: 200, body: "order" });
  }
});

test("a body of which a part is gone goes nowhere else, even if nobody has seen it", async () => {
  const bench = routingBench(tableOf(["one", "two"]), async ({ request, sink }) => {
    for await (const _ of request.body as Readable) break;
    sink.fail({ reason: "unsent", says: "gone" });
  });
  const body = Readable.from([Buffer.from("order")]);
  expect((await bench.ask({ method: "POST", body })).failure).toMatchObject({ reason: "unsent" });
  expect(bench.routing.figures().upstreams.reduce((sum, { requests }) => sum + requests, 0)).toBe(1);
});

test("a client that breaks off its body is nobody's failure", async () => {
  const body = new PassThrough();
  const bench = routingBench(tableOf(["one"]), ({ request, sink }) => {
    const its = request.body as Readable;
    its.on("error", () => sink.fail({ reason: "body-failed", says: "gone" }));
    its.resume();
  });
  const { sink } = bench.begin({ method: "PUT", body });
  body.write("begun");
  await settled();
  body.destroy();
  expect((await sink.answer).failure).toMatchObject({ reason: "body-failed" });
  expect(bench.upstreams.counts()).toEqual({ one: 1 });
  expect(bench.routing.figures()).toMatchObject({ services: [{ failures: 0 }], upstreams: [{ failures: 0 }] });
});
