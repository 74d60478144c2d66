import { expect, it } from "vitest";
import { contract } from "../../../model/contract.ts";
import { failure } from "../../../model/failure.ts";
import { noMetrics } from "../../../model/metrics.ts";
import { nothing } from "../../../model/reply.ts";
import { get, post } from "../../../model/route.ts";
import type { Schema } from "../../../model/schema.ts";
import { circuitDefaults } from "../../../policies/circuit-breaker.ts";
import { retryBudgetDefaults } from "../../../policies/retry-budget.ts";
import { settled, testClock } from "../../../testing/test-clock.ts";
import { Unsent, type WireAnswer, type WireCall } from "../port.ts";
import { CallGuard } from "./call-guard.ts";
import { callsWaitingMax } from "./call-limits.ts";
import { makeClient } from "./make-client.ts";

const anything: Schema<unknown> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => ({ value }),
    jsonSchema: { input: () => ({}), output: () => ({}) },
  },
};
const Closed = failure("closed", { status: 503, title: "Closed", cure: "Come tomorrow.", detail: anything });
const reports = contract("reports", {
  read: get("/reports", { returns: nothing(), fails: [Closed] }),
  make: post("/reports", { returns: nothing() }),
});

type Reply = WireAnswer | Error | Promise<WireAnswer>;

const done: WireAnswer = { status: 204, headers: {}, body: "" };
const down: WireAnswer = { status: 503, headers: {}, body: "" };
const refusedConnection = new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
const reset = new TypeError("fetch failed", { cause: { code: "ECONNRESET" } });
const never = (): Promise<WireAnswer> => new Promise(() => undefined);

/** `reply` is asked for each try. */
function guarded(reply: (call: WireCall) => Reply, atOnce = 200) {
  const clock = testClock();
  const tries: WireCall[] = [];
  const guard = new CallGuard({ from: "shop", to: "reports", atOnce, clock, random: () => 0.5, metrics: noMetrics });
  const client = makeClient(reports, {
    clock,
    guard,
    timeoutMs: 300,
    transport: async (call) => {
      tries.push(call);
      const answer = reply(call);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { clock, tries, guard, client };
}

const because = (text: string | RegExp) => ({
  ok: false,
  failure: { code: "unavailable", detail: { service: "reports", because: expect.stringMatching(text) } },
});

it("says at once that a service is unavailable once half of the calls find it so, without asking it", async () => {
  const { clock, tries, guard, client } = guarded(never);
  for (let asked = 0; asked < circuitDefaults.requestsMin; asked++) {
    const tried = client.make.try();
    await clock.advance(300);
    expect(await tried).toMatchObject(because("no answer in 300 ms"));
  }
  expect(guard.look()).toMatchObject({ from: "shop", to: "reports", circuit: "open", underWay: 0 });
  const askedBefore = tries.length;
  const refusal = await client.make.try();
  expect(refusal).toMatchObject(because(/^it is not asked for now: 20 of 20 requests in 10 s failed/));
  expect(refusal).toMatchObject({ failure: { detail: { retryAfterMs: (guard.look().retryAt ?? 0) - clock.now() } } });
  expect(tries).toHaveLength(askedBefore);
});

it("asks again after the pause, with a few calls, and for all when those are answered", async () => {
  let answer: Reply = down;
  const { clock, tries, guard, client } = guarded(() => answer);
  for (let asked = 0; asked < circuitDefaults.requestsMin; asked++) await client.make.try();
  expect(guard.look().circuit).toBe("open");
  const pauseMs = (guard.look().retryAt ?? 0) - clock.now();
  answer = done;
  await clock.advance(pauseMs - 1);
  expect(await client.make.try()).toMatchObject({ ok: false });
  await clock.advance(1);
  const before = tries.length;
  const probes = await Promise.all(Array.from({ length: 10 }, () => client.make.try()));
  expect(probes.filter(({ ok }) => ok)).toHaveLength(circuitDefaults.probes);
  expect(tries.length - before).toBe(circuitDefaults.probes);
  expect(guard.look().circuit).toBe("closed");
  expect(await client.make.try()).toEqual({ ok: true, value: undefined });
});

it("does not hold against a service what its contract promises, or what its own code got wrong", async () => {
  const answers = [
    { status: 503, headers: {}, body: '{"code":"closed","data":{}}' },
    { status: 500, headers: {}, body: '{"code":"internal"}' },
    { status: 404, headers: {}, body: '{"code":"unknown-route"}' },
  ];
  let at = 0;
  const { guard, client } = guarded(() => answers[at++ % answers.length] as WireAnswer);
  for (let asked = 0; asked < 90; asked++) await client.read.try().catch(() => undefined);
  expect(guard.look().circuit).toBe("closed");
});

it("lets no more than its bound be under way; the others wait for a place, within their own time", async () => {
  const answers: PromiseWithResolvers<WireAnswer>[] = [];
  const { clock, tries, guard, client } = guarded(() => {
    const answer = Promise.withResolvers<WireAnswer>();
    answers.push(answer);
    return answer.promise;
  }, 2);
  const calls = Array.from({ length: 5 }, () => client.make.try());
  await settled();
  expect(tries).toHaveLength(2);
  expect(guard.look()).toMatchObject({ underWay: 2, waiting: 3 });
  answers[0]?.resolve(done);
  await settled();
  expect(tries).toHaveLength(3);
  await clock.advance(300);
  const outcomes = await Promise.all(calls);
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  expect(outcomes.at(-1)).toMatchObject(because("calls to it are under way"));
  expect(guard.look()).toMatchObject({ underWay: 0, waiting: 0 });
});

it("refuses at once when too many wait already", async () => {
  const { clock, client } = guarded(never, 1);
  const calls = Array.from({ length: 1 + callsWaitingMax }, () => client.make.try());
  expect(await client.make.try()).toMatchObject(because(`1 calls to it are under way and ${callsWaitingMax} wait`));
  await clock.advance(300);
  await Promise.all(calls);
});

it("leaves the queue with its caller's reason when the caller goes away, and its place to the next", async () => {
  const answers: PromiseWithResolvers<WireAnswer>[] = [];
  const { guard, client } = guarded(() => {
    const answer = Promise.withResolvers<WireAnswer>();
    answers.push(answer);
    return answer.promise;
  }, 1);
  const first = client.make.try();
  const controller = new AbortController();
  const reason = new Error("gone");
  const second = client.make.try(undefined, { signal: controller.signal });
  const third = client.make.try();
  await settled();
  controller.abort(reason);
  await expect(second).rejects.toBe(reason);
  answers[0]?.resolve(done);
  await settled();
  answers[1]?.resolve(done);
  expect(await Promise.all([first, third])).toMatchObject([{ ok: true }, { ok: true }]);
  expect(answers).toHaveLength(2);
  expect(guard.look()).toMatchObject({ underWay: 0, waiting: 0 });
});

it("does not count a caller that goes away against the service", async () => {
  const { guard, client } = guarded(never);
  for (let asked = 0; asked < 40; asked++) {
    const controller = new AbortController();
    const tried = client.read.try(undefined, { signal: controller.signal });
    controller.abort(new Error("gone"));
    await expect(tried).rejects.toThrow("gone");
  }
  expect(guard.look()).toMatchObject({ circuit: "closed", underWay: 0 });
});

it.each([
  ["a read whose connection broke off", reset, "read", {}, true],
  ["a read that was answered 503", down, "read", {}, true],
  ["a write that found nobody", refusedConnection, "make", {}, true],
  ["a write that found no instance", new Unsent("no instance of it is known to run"), "make", {}, true],
  ["a write with an idempotency key", reset, "make", { idempotencyKey: "k1" }, true],
  ["a write whose connection broke off", reset, "make", {}, false],
  ["a read that says when to come again", { ...down, headers: { "retry-after": "5" } }, "read", {}, false],
  ["a read that was answered 504", { ...down, status: 504 }, "read", {}, false],
] as const)("repeats what may be repeated: %s", async (_, first, route, options, repeated) => {
  let tried = 0;
  const { clock, client } = guarded(() => (tried++ === 0 ? first : done));
  const outcome = client[route].try(undefined, options);
  await settled();
  await clock.advance(100);
  expect(await outcome).toMatchObject({ ok: repeated });
  expect(tried).toBe(repeated ? 2 : 1);
});

it("gives each try the time that is left, and tries no more when there is none", async () => {
  const { clock, tries, client } = guarded((call) =>
    tries.length === 1
      ? Promise.reject(reset)
      : new Promise<WireAnswer>((_, reject) => {
          call.signal?.addEventListener("abort", () => reject(reset));
        }),
  );
  const outcome = client.read.try();
  await settled();
  await clock.advance(300);
  expect(await outcome).toMatchObject(because("no answer in 287 ms"));
  expect(tries.map(({ headers }) => headers["x-request-timeout-ms"])).toEqual(["300", "287"]);
});

it("spends no more than a budget on retries, however many calls need one", async () => {
  let isFirst = true;
  const { clock, tries, client } = guarded(() => {
    const reply = isFirst ? reset : done;
    isFirst = false;
    return reply;
  });
  const calls = 200;
  let answered = 0;
  for (let at = 0; at < calls; at++) {
    isFirst = true;
    const outcome = client.read.try();
    await settled();
    await clock.advance(13);
    if ((await outcome).ok) answered += 1;
  }
  const allowed =
    (retryBudgetDefaults.perSecond * retryBudgetDefaults.windowMs) / 1_000 + retryBudgetDefaults.ratio * calls;
  expect(tries.length - calls).toBe(allowed);
  expect(answered).toBe(allowed);
});
