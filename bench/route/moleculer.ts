import { type Context, Errors, ServiceBroker } from "moleculer";
import ApiGateway from "moleculer-web";
import { announce } from "../src/harness/announce.ts";
import { findOrder, type NewOrder, placeOrder } from "./orders.ts";

const broker = new ServiceBroker({ logger: false });

/** The rules of order-schemas.ts for fastest-validator, which comes with Moleculer. */
const line = {
  type: "object",
  strict: "remove",
  props: {
    sku: { type: "string", pattern: /^[A-Z]{3}-[0-9]{4}$/ },
    quantity: { type: "number", integer: true, min: 1, max: 999 },
    priceCents: { type: "number", integer: true, min: 0, max: 100_000_000 },
  },
};

broker.createService({
  name: "orders",
  actions: {
    find: {
      params: { id: { type: "string", pattern: /^ord_[0-9]{8}$/ } },
      handler({ params }: Context<{ id: string }>) {
        const order = findOrder(params.id);
        if (!order) throw new Errors.MoleculerClientError("unknown order", 404);
        return order;
      },
    },
    place: {
      params: {
        $$strict: "remove",
        customer: { type: "string", min: 1, max: 80 },
        currency: { type: "enum", values: ["EUR", "USD", "INR"] },
        reference: { type: "string", max: 40 },
        priority: { type: "number", integer: true, min: 1, max: 5 },
        gift: "boolean",
        lines: { type: "array", min: 1, max: 20, items: line },
      },
      handler({ params, meta }: Context<NewOrder, { $statusCode?: number }>) {
        meta.$statusCode = 201;
        return placeOrder(params);
      },
    },
  },
});

const gateway = broker.createService({
  name: "gateway",
  mixins: [ApiGateway],
  settings: {
    port: 0,
    ip: "127.0.0.1",
    routes: [
      {
        path: "/",
        bodyParsers: { json: true },
        aliases: { "GET v1/orders/:id": "orders.find", "POST v1/orders": "orders.place" },
      },
    ],
  },
});

await broker.start();
announce((gateway as unknown as { server: import("node:http").Server }).server.address());
