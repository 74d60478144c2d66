import Fastify from "fastify";
import { announce } from "../src/harness/announce.ts";
import { newOrderSchema, orderParamsSchema, orderSchema } from "./order-json-schemas.ts";
import { findOrder, type NewOrder, placeOrder } from "./orders.ts";

const app = Fastify();

app.get<{ Params: { id: string } }>(
  "/v1/orders/:id",
  { schema: { params: orderParamsSchema, response: { 200: orderSchema } } },
  async ({ params }, reply) => findOrder(params.id) ?? reply.code(404).send({ message: "unknown order" }),
);

app.post<{ Body: NewOrder }>(
  "/v1/orders",
  { schema: { body: newOrderSchema, response: { 201: orderSchema } } },
  async ({ body }, reply) => {
    reply.code(201);
    return placeOrder(body);
  },
);

await app.listen({ port: 0, host: "127.0.0.1" });
announce(app.server.address());
