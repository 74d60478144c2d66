import { trellisGateway } from "../gateway/gateway-sides.ts";
import { orderIds } from "../route/orders.ts";
import type { Bench, Findings, HowToRun } from "../src/harness/bench.ts";
import { measureHttp } from "../src/harness/http-bench.ts";
import { startProgram } from "../src/harness/http-side.ts";
import { cacheControl } from "./cache-control.ts";
import { checkOrders, filled, orderPaths } from "./filled.ts";

const event = { stream: "orders.reads", route: "order", headers: ["referer", "user-agent"] } as const;

/** What a browser says of where it comes from and what it is: all sides are sent it. */
const headers = {
  referer: "https://news.example/today/the-orders-of-the-week",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};

export const edgeEvents: Bench = {
  name: "edge-events",
  line: "hits of the edge cache that each log an event before the answer leaves, beside hits that do not, and a bare node:http",
  hasPeers: false,
  packages: [],
  run: measureHits,
};

function measureHits(how: HowToRun): Promise<Findings> {
  return measureHttp(
    {
      sides: {
        trellis: () => filled(trellisGateway("frames", { cacheControl, event })),
        "without events": () => filled(trellisGateway("frames", { cacheControl })),
        bare: () => startProgram(new URL("bare.ts", import.meta.url)),
      },
      load: { method: "GET", paths: orderPaths, headers },
      check: checkOrders,
      goals: [{ ratio: "trellis/bare", atLeast: 0.55 }],
      notes: [
        `GET /v1/orders/:id of ${orderIds.length.toLocaleString("en")} orders, all kept before measuring: every answer is a hit`,
        "trellis: each hit is one record in a file, with path, time, status, referer, user agent, country and the visitor's hash of the day; those of a turn of the event loop in one write, before their answers leave; the disk is told to keep them every 100 ms",
        "No instance takes the records while it is measured; bare: a map in memory under node:http, which logs nothing",
      ],
    },
    how,
  );
}
