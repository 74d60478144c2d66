import express from "express";
import { announce } from "../src/harness/announce.ts";
import { NewOrder, OrderParams } from "./order-schemas.ts";
import { findOrder, placeOrder } from "./orders.ts";

const app = express();
app.use(express.json());

app.get("/v1/orders/:id", (request, response) => {
  const params = OrderParams.safeParse(request.params);
  if (!params.success) {
    response.status(422).json({ issues: params.error.issues });
    return;
  }
  const order = findOrder(params.data.id);
  if (order) response.json(order);
  else response.status(404).json({ message: "unknown order" });
});

app.post("/v1/orders", (request, response) => {
  const body = NewOrder.safeParse(request.body);
  if (body.success) response.status(201).json(placeOrder(body.data));
  else response.status(422).json({ issues: body.error.issues });
});

const server = app.listen(0, "127.0.0.1", () => announce(server.address()));
