import type { Bench } from "../src/harness/bench.ts";
import { measureHttp } from "../src/harness/http-bench.ts";
import { checkOrders } from "./check-orders.ts";
import { newOrder } from "./orders.ts";
import { ahead } from "./route.ts";
import { notes, packages, sides } from "./sides.ts";

export const routePost: Bench = {
  name: "route-post",
  line: "a validated POST of six fields with a nested list, beside the same",
  hasPeers: true,
  packages,
  run: (how) =>
    measureHttp(
      {
        sides,
        load: {
          method: "POST",
          paths: ["/v1/orders"],
          headers: { "content-type": "application/json" },
          body: JSON.stringify(newOrder),
        },
        check: checkOrders,
        goals: [{ ratio: "trellis/fastify", atLeast: 0.75 }, ...ahead],
        notes: [
          "POST /v1/orders: a body of six fields with three lines is checked, the answer 201 with the order",
          ...notes,
        ],
      },
      how,
    ),
};
