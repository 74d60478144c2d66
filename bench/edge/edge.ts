import { nginxHere, trellisGateway } from "../gateway/gateway-sides.ts";
import { orderIds } from "../route/orders.ts";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { measureHttp } from "../src/harness/http-bench.ts";
import { startProgram } from "../src/harness/http-side.ts";
import { cacheControl } from "./cache-control.ts";
import { checkOrders, filled, orderPaths } from "./filled.ts";

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
      load: { method: "GET", paths: orderPaths },
      check: checkOrders,
      goals: [{ ratio: "trellis/bare", atLeast: 0.65 }],
      notes: [
        `GET /v1/orders/:id of ${orderIds.length.toLocaleString("en")} orders, all kept before measuring: every answer is a hit`,
        "trellis: one gateway process as it comes, with routing, request ids, cache-status and server-timing; bare: a map in memory under node:http, with none of them; nginx: one process with proxy_cache, its files in the page cache",
        "A hit here logs no event: see edge-events",
      ],
    },
    how,
  );
}
