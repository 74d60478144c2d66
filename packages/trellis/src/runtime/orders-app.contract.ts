import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { cache, calls, contract, database, get, post, queue, service, stream } from "../index.ts";
import { anyone } from "../model/actor.ts";
import { type App, app } from "../model/app.ts";

const Order = z.object({ item: z.string() });

export const shopContract = contract("shop", {
  order: post("/orders", { body: Order, returns: Order, allow: anyone }),
  read: get("/orders/:item", { returns: Order, allow: anyone }),
});

export const storeContract = contract("store", {
  take: post("/taken", { body: Order, returns: Order, allow: anyone }),
  look: get("/looks/:item", { returns: Order, allow: anyone }),
});

/** What the work behind an order says when it is done: `job ITEM`, `event ITEM`. */
export type Told = (says: string) => void;

/** Two services with a block of every kind: an order is a call, a job and an event. */
export function ordersApp(told: Told): App {
  const shop = service(shopContract, {
    uses: { store: calls(storeContract), seen: cache(Order, { ttl: "1h" }) },
    routes: {
      order: ({ body }, { store }) => store.take({ body }),
      read: ({ params }, { seen }) => seen.getOrLoad(params.item, async () => ({ item: params.item })),
    },
  });
  const store = service(storeContract, {
    uses: {
      db: database<Record<never, never>>({ migrations: mkdtempSync(join(tmpdir(), "trellis-orders-")) }),
      pack: queue(Order),
      orders: stream(Order, { key: ({ item }) => item }),
    },
    routes: {
      take: ({ body }, { db, pack, orders }) =>
        db.transaction(async (tx) => {
          await pack.in(tx).enqueue(body);
          await orders.in(tx).append(body);
          if (body.item === "broken") throw new Error("It broke");
          return body;
        }),
      look: ({ params }, { orders }) => {
        orders.spool({ item: params.item });
        return { item: params.item };
      },
    },
    works: {
      pack: async ({ job, log }) => {
        log.info("packed");
        told(`job ${job.item}`);
      },
    },
    consumes: {
      orders: async ({ events, log }) => {
        log.info("heard");
        for (const { item } of events) told(`event ${item}`);
      },
    },
    schedules: { count: { every: "1h", run: async () => undefined } },
  });
  return app({ services: [shop, store] });
}
