import { expect, test } from "vitest";
import type { BalancerName } from "../../policies/balancing/balancer.ts";
import type { GatewayRequest } from "../exchange.ts";
import { type RoutingBench, routingBench, tableOf, upstreamRule } from "./routing-bench.contract.ts";
import type { Script } from "./scripted-upstreams.contract.ts";

const requests = 10_000;
const four = ["one", "two", "three", "four"];

/** The share of each of the four, in the order of their names above. */
function sharesOf({ upstreams }: RoutingBench, ids = four): readonly number[] {
  const counts = upstreams.counts();
  const all = ids.reduce((sum, id) => sum + (counts[id] ?? 0), 0);
  return ids.map((id) => (counts[id] ?? 0) / all);
}

async function shares(balance: BalancerName, weights = [1, 1, 1, 1]): Promise<readonly number[]> {
  const upstreams = four.map((id, at) => upstreamRule(id, { weight: weights[at] ?? 1 }));
  const bench = routingBench(tableOf(upstreams, { balance }));
  for (let asked = 0; asked < requests; asked++) {
    const clientAddress = `10.${asked % 250}.${Math.floor(asked / 250)}.1`;
    await bench.ask({ target: `/${asked}`, clientAddress });
  }
  return sharesOf(bench);
}

const fair = [0.25, 0.25, 0.25, 0.25];
const weights = [5, 3, 1, 1];
const byWeight = [0.5, 0.3, 0.1, 0.1];

test.each([
  ["round-robin", fair, undefined, 0.0002],
  ["weighted-round-robin", byWeight, weights, 0.0002],
  ["least-connections", fair, undefined, 0.0002],
  ["random", fair, undefined, 0.02],
  ["p2c", fair, undefined, 0.02],
  ["ip-hash", fair, undefined, 0.03],
  ["consistent-hash", fair, undefined, 0.06],
] as const)("%s spreads ten thousand requests as it promises", async (balance, expected, given, tolerance) => {
  const found = await shares(balance, given && [...given]);
  for (const [at, share] of found.entries())
    expect(Math.abs(share - (expected[at] ?? 0)), `${four[at]}: ${share}`).toBeLessThanOrEqual(tolerance);
});

/** Thirty clients, each of which asks again as soon as it is answered, for a minute. `four` takes ten times as long. */
async function withOneSlow(balance: BalancerName): Promise<readonly number[]> {
  const script: Script = ({ request, sink }) => {
    const tookMs = request.facts.upstream === "four" ? 100 : 10;
    bench.clock.after(tookMs, () => sink.whole(200, [], ""));
  };
  const bench: RoutingBench = routingBench(tableOf(four, { balance }), script);
  let isOver = false;
  const client = async (): Promise<void> => {
    while (!isOver) await bench.ask({ method: "GET" } satisfies Partial<GatewayRequest>);
  };
  for (let at = 0; at < 30; at++) void client();
  await bench.clock.advance(15_000);
  isOver = true;
  return sharesOf(bench);
}

test("an instance ten times as slow gets its fair, smaller share by default", async () => {
  const slow = (await withOneSlow("p2c"))[3] ?? 1;
  expect(slow).toBeLessThan(0.08);
  expect(slow).toBeGreaterThan(0);
});

test("and keeps its full share with round robin", async () => {
  expect((await withOneSlow("round-robin"))[3]).toBeCloseTo(0.25, 2);
});
