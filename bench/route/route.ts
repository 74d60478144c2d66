import type { Bench } from "../src/harness/bench.ts";
import { measureHttp } from "../src/harness/http-bench.ts";
import { checkOrders } from "./check-orders.ts";
import { orderIds } from "./orders.ts";
import { notes, packages, sides } from "./sides.ts";

export const route: Bench = {
  name: "route",
  line: "a typed JSON GET beside Fastify + ajv, Hono + zod, NestJS, Express + zod and Moleculer",
  hasPeers: true,
  packages,
  run: (how) =>
    measureHttp(
      {
        sides,
        load: { method: "GET", paths: orderIds.map((id) => `/v1/orders/${id}`) },
        check: checkOrders,
        goals: [{ ratio: "trellis/fastify", atLeast: 0.85 }, ...ahead],
        notes: ["GET /v1/orders/:id: the id is checked, the answer an order of nine fields with three lines", ...notes],
      },
      how,
    ),
};

/** Ahead of all that are not Fastify itself. */
export const ahead = ["hono", "nest", "express", "moleculer"].map((peer) => ({ ratio: `trellis/${peer}`, atLeast: 1 }));
