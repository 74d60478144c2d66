import { checkOrders } from "../route/check-orders.ts";
import { orderIds } from "../route/orders.ts";
import type { Bench } from "../src/harness/bench.ts";
import { measureHttp } from "../src/harness/http-bench.ts";
import { startMeasured, startSilent, startTraced } from "./sides.ts";

export const telemetry: Bench = {
  name: "telemetry",
  line: "what a small route costs with figures, with figures and a trace of each request, and with neither",
  hasPeers: false,
  packages: ["prom-client", "@opentelemetry/sdk-trace-base"],
  run: (how) =>
    measureHttp(
      {
        sides: { trellis: () => startMeasured(), traced: startTraced, off: startSilent },
        load: { method: "GET", paths: orderIds.map((id) => `/v1/orders/${id}`) },
        check: checkOrders,
        goals: [{ ratio: "trellis/off", atLeast: 0.95 }],
        notes: [
          "GET /v1/orders/:id of the bench `route`, on Trellis alone",
          "trellis: as it comes, with figures, after a first look at /metrics; traced: also a span for each request, all of them sent in batches as OTLP over HTTP to a collector that drops them; off: TRELLIS_METRICS=no",
        ],
      },
      how,
    ),
};
