import { serve } from "@hono/node-server";
import { zValidator } from "@hono/zod-validator";
import { Hono } from "hono";
import { announce } from "../src/harness/announce.ts";
import { NewOrder, OrderParams } from "./order-schemas.ts";
import { findOrder, placeOrder } from "./orders.ts";

const app = new Hono();

app.get("/v1/orders/:id", zValidator("param", OrderParams), (context) => {
  const order = findOrder(context.req.valid("param").id);
  return order ? context.json(order) : context.json({ message: "unknown order" }, 404);
});

app.post("/v1/orders", zValidator("json", NewOrder), (context) =>
  context.json(placeOrder(context.req.valid("json")), 201),
);

const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => announce(server.address()));
