import { expectAnswer } from "../src/harness/expect-answer.ts";
import { findOrder, newOrder, orderIds, placeOrder } from "./orders.ts";

const refused = (status: number) => status === 400 || status === 422;

/** All sides find the same orders, place the same and refuse what breaks a rule. */
export async function checkOrders(origin: string): Promise<void> {
  const orders = `${origin}/v1/orders`;
  const known = orderIds[417] as string;
  await expectAnswer(`${orders}/${known}`, {}, { status: 200, json: findOrder(known) });
  await expectAnswer(`${orders}/ord_99999999`, {}, { status: 404 });
  await expectAnswer(`${orders}/ord_1`, {}, { status: refused });

  const post = (json: unknown) => ({ method: "POST", json }) as const;
  await expectAnswer(orders, post(newOrder), { status: 201, json: placeOrder(newOrder) });
  const [line] = newOrder.lines;
  const { customer: _, ...anonymous } = newOrder;
  for (const broken of [
    anonymous,
    { ...newOrder, lines: [] },
    { ...newOrder, lines: [{ ...line, quantity: 0 }] },
    { ...newOrder, lines: [{ ...line, sku: "eng-1" }] },
    { ...newOrder, currency: "GBP" },
    { ...newOrder, priority: 1.5 },
  ])
    await expectAnswer(orders, post(broken), { status: refused });
}
