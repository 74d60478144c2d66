import { nginxHere, type StartGatewaySide, trellisGateway } from "../gateway/gateway-sides.ts";
import { untilReady } from "../gateway/until-ready.ts";
import { findOrder, orderIds } from "../route/orders.ts";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { expectAnswer } from "../src/harness/expect-answer.ts";
import { measureHttp } from "../src/harness/http-bench.ts";
import { type HttpSide, startProgram } from "../src/harness/http-side.ts";
import { cacheControl } from "./cache-control.ts";

const paths = orderIds.map((id) => `/v1/orders/${id}`);

export const edge: Bench = {
  name: "edge",
  line: "hits of the edge cache, from client to answer, beside a bare node:http with the same bodies and nginx's proxy_cache",
  hasPeers: true,
  packages: [],
  run: measureHits,
};

function measureHits(how: HowToRun): Promise<Findings> {
  const keeping = { trellis: trellisGateway("frames", { cacheControl }), ...nginxHere({ cacheControl }) };
  const gateways = Object.entries(keeping).map(([name, start]) => [name, () => filled(start)] as const);
  return measureHttp(
    {
      sides: { ...Object.fromEntries(gateways), bare: () => startProgram(new URL("bare.ts", import.meta.url)) },
      load: { method: "GET", paths },
      check,
      goals: [{ ratio: "trellis/bare", atLeast: 0.65 }],
      notes: [
        `GET /v1/orders/:id of ${orderIds.length.toLocaleString("en")} orders, all kept before measuring: every answer is a hit`,
        "trellis: one gateway process as it comes, with routing, request ids, cache-status and server-timing; bare: a map in memory under node:http, with none of them; nginx: one process with proxy_cache, its files in the page cache",
        "A hit here logs no event",
      ],
    },
    how,
  );
}

/** The gateway after each path was asked once; the second answer must be a hit. */
async function filled(start: StartGatewaySide): Promise<HttpSide> {
  const side = await start();
  try {
    await untilReady(side);
    for (const path of paths) await (await fetch(side.origin + path)).arrayBuffer();
    for (const path of [paths[0], paths.at(-1)]) {
      const answer = await fetch(`${side.origin}${path}`);
      const status = answer.headers.get("cache-status") ?? "";
      if (!/\bhit\b/i.test(status)) throw new Error(`${path} was not kept: cache-status is "${status}".`);
      await answer.arrayBuffer();
    }
    return { origin: side.origin, pid: side.gatewayPid, end: () => side.end() };
  } catch (error) {
    await side.end();
    throw error;
  }
}

async function check(origin: string): Promise<void> {
  for (const id of [orderIds[0], orderIds.at(-1)] as string[])
    await expectAnswer(`${origin}/v1/orders/${id}`, {}, { status: 200, json: findOrder(id) });
  await expectAnswer(`${origin}/v1/orders/ord_99999999`, {}, { status: 404 });
}
