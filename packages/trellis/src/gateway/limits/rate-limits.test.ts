import { expect, test } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import type { AnswerSink, Forwarding, GatewayRequest, Hop } from "../exchange.ts";
import type { RateLimitRule } from "../port.ts";
import { Collector, gatewayRequest } from "../upstreams/ask.contract.ts";
import { RateLimits } from "./rate-limits.ts";

const under: Forwarding = { resume: () => undefined, abort: () => undefined };

/** Answers everything at once, with a head and an end. */
const origin: Hop = {
  forward(_request: GatewayRequest, sink: AnswerSink) {
    sink.head(200, ["x-own", "1"]);
    sink.end();
    return under;
  },
  upgrade: (_request, sink) => {
    sink.fail({ reason: "connect", says: "gone", headers: ["x-own", "1"] });
    return under;
  },
};

function limited(...rateLimits: readonly RateLimitRule[]) {
  const clock = testClock();
  const hop = new RateLimits({ next: origin, clock, shared: false });
  const table = (rules: readonly RateLimitRule[]) => ({
    services: [
      { name: "a", pool: "a", rateLimits: rules },
      { name: "free", pool: "a" },
    ],
  });
  hop.apply(table(rateLimits));
  const ask = async (asked: Partial<GatewayRequest> = {}) => {
    const sink = new Collector();
    hop.forward(gatewayRequest(asked), sink);
    return sink.answer;
  };
  return { clock, hop, ask, apply: (rules: readonly RateLimitRule[]) => hop.apply(table(rules)) };
}

const twice: RateLimitRule = { by: "client", perSecond: 1, burst: 2 };

test("a client is refused beyond the burst, told when to come again, and served then", async () => {
  const { ask, clock } = limited(twice);
  expect((await ask()).headers).toEqual([
    "x-own",
    "1",
    "ratelimit-policy",
    '"client";q=2;w=2',
    "ratelimit",
    '"client";r=1;t=1',
  ]);
  expect((await ask()).status).toBe(200);
  expect((await ask()).failure).toMatchObject({
    reason: "rate-limited",
    retryAfterMs: 1_000,
    headers: ["ratelimit-policy", '"client";q=2;w=2', "ratelimit", '"client";r=0;t=2'],
  });
  expect((await ask({ clientAddress: "192.0.2.2" })).status).toBe(200);
  await clock.advance(1_000);
  expect((await ask()).status).toBe(200);
});

test.each([
  {
    says: "addresses of one IPv6 network of 64 bits",
    one: "2001:db8:1:2::1",
    other: "2001:db8:1:2:ffff::9",
    same: true,
  },
  { says: "addresses of two IPv6 networks", one: "2001:db8:1:2::1", other: "2001:db8:1:3::1", same: false },
  { says: "an IPv4 address in both its forms", one: "192.0.2.1", other: "::ffff:192.0.2.1", same: true },
  { says: "two IPv4 addresses in IPv6 form", one: "::ffff:192.0.2.1", other: "::ffff:192.0.2.2", same: false },
])("$says count as one client: $same", async ({ one, other, same }) => {
  const { ask } = limited({ by: "client", perSecond: 1, burst: 1 });
  expect((await ask({ clientAddress: one })).status).toBe(200);
  expect((await ask({ clientAddress: other })).failure?.reason).toBe(same ? "rate-limited" : undefined);
});

test("keys are counted apart, whoever brings them; a request without one is not", async () => {
  const { ask } = limited({ by: "key", perSecond: 1, burst: 1 });
  const key = (name: string, value: string) => ({ headers: [name, value] });
  expect((await ask(key("authorization", "Bearer a"))).status).toBe(200);
  expect((await ask({ ...key("authorization", "Bearer a"), clientAddress: "192.0.2.9" })).failure?.reason).toBe(
    "rate-limited",
  );
  expect((await ask(key("authorization", "Bearer b"))).status).toBe(200);
  expect((await ask(key("x-api-key", "c"))).status).toBe(200);
  expect((await ask(key("x-api-key", "c"))).failure?.reason).toBe("rate-limited");
  for (let turn = 0; turn < 3; turn += 1) expect((await ask()).headers).toEqual(["x-own", "1"]);
});

test("of several limits all are told, and each can refuse", async () => {
  const { ask } = limited({ by: "client", perSecond: 10, burst: 10 }, { by: "key", perSecond: 1, burst: 1 });
  const headers = ["x-api-key", "a"];
  expect((await ask({ headers })).headers.slice(2)).toEqual([
    "ratelimit-policy",
    '"client";q=10;w=1, "key";q=1;w=1',
    "ratelimit",
    '"client";r=9;t=1, "key";r=0;t=1',
  ]);
  expect((await ask({ headers })).failure?.says).toBe("More requests of one key than are allowed");
  expect((await ask()).status).toBe(200);
});

test("a service without limits is passed on as it is", async () => {
  const { ask } = limited(twice);
  const facts = { ...gatewayRequest().facts, service: "free" };
  for (let turn = 0; turn < 5; turn += 1) expect((await ask({ facts })).headers).toEqual(["x-own", "1"]);
});

test("what was used of a limit stays used when the table changes around it, and a changed limit begins anew", async () => {
  const { ask, apply } = limited({ by: "client", perSecond: 1, burst: 1 });
  expect((await ask()).status).toBe(200);
  apply([
    { by: "client", perSecond: 1, burst: 1 },
    { by: "key", perSecond: 5, burst: 5 },
  ]);
  expect((await ask()).failure?.reason).toBe("rate-limited");
  apply([{ by: "client", perSecond: 1, burst: 3 }]);
  expect((await ask()).status).toBe(200);
});

test("requests to switch protocols count too, and failures behind the limit tell of it", async () => {
  const { hop } = limited({ by: "client", perSecond: 1, burst: 1 });
  const [first, second] = [new Collector(), new Collector()];
  hop.upgrade(gatewayRequest(), first);
  hop.upgrade(gatewayRequest(), second);
  expect((await first.answer).failure).toMatchObject({
    reason: "connect",
    headers: ["x-own", "1", "ratelimit-policy", expect.any(String), "ratelimit", expect.any(String)],
  });
  expect((await second.answer).failure?.reason).toBe("rate-limited");
});
