import { anyone, app, contract, created, failure, get, post, service } from "trellis";
import { z } from "zod";
import { NewOrder, Order, OrderParams } from "../order-schemas.ts";
import { findOrder, placeOrder } from "../orders.ts";

const UnknownOrder = failure("unknown-order", {
  status: 404,
  title: "No order has this id",
  cure: "Check the id.",
  detail: z.object({ id: z.string() }),
});

const ordersContract = contract("orders", {
  find: get("/v1/orders/:id", { params: OrderParams, returns: Order, fails: [UnknownOrder], allow: anyone }),
  place: post("/v1/orders", { body: NewOrder, returns: created(Order), allow: anyone }),
});

const orders = service(ordersContract, {
  uses: {},
  routes: {
    find: ({ params }) => findOrder(params.id) ?? UnknownOrder({ id: params.id }),
    place: ({ body }) => placeOrder(body),
  },
});

export default app({ services: [orders] });
