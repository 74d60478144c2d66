/** What every side answers with, so that they differ in nothing but how. */
export interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly priceCents: number;
}

export interface NewOrder {
  readonly customer: string;
  readonly currency: "EUR" | "USD" | "INR";
  readonly reference: string;
  readonly priority: number;
  readonly gift: boolean;
  readonly lines: Line[];
}

export interface Order extends NewOrder {
  readonly id: string;
  readonly placedAt: string;
  readonly totalCents: number;
}

const orderCount = 1_000;
const firstNumber = 10_000_000;

/** The ids that `findOrder` knows. */
export const orderIds: readonly string[] = Array.from(
  { length: orderCount },
  (_, index) => `ord_${firstNumber + index}`,
);

export const newOrder: NewOrder = {
  customer: "Ada Lovelace",
  currency: "EUR",
  reference: "PO-2026-000417",
  priority: 2,
  gift: false,
  lines: [
    { sku: "ENG-0001", quantity: 1, priceCents: 129_900 },
    { sku: "CRD-0042", quantity: 500, priceCents: 12 },
    { sku: "BOX-0007", quantity: 3, priceCents: 450 },
  ],
};

const orders = new Map<string, Order>(
  orderIds.map((id, index) => [id, place({ ...newOrder, reference: `PO-2026-${index}` }, id)]),
);

export function findOrder(id: string): Order | undefined {
  return orders.get(id);
}

/** Keeps nothing: what is measured is the way in and out. */
export function placeOrder(order: NewOrder): Order {
  return place(order, `ord_${firstNumber + orderCount}`);
}

function place({ customer, currency, reference, priority, gift, lines }: NewOrder, id: string): Order {
  let totalCents = 0;
  for (const { quantity, priceCents } of lines) totalCents += quantity * priceCents;
  return { id, placedAt: "2026-01-01T00:00:00.000Z", totalCents, customer, currency, reference, priority, gift, lines };
}
