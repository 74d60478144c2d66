/** The same rules for each validator, word for word: what a side checks is not what differs. */
import { z } from "zod";

export const Line = z.object({
  sku: z.string().regex(/^[A-Z]{3}-[0-9]{4}$/),
  quantity: z.int().min(1).max(999),
  priceCents: z.int().min(0).max(100_000_000),
});

export const NewOrder = z.object({
  customer: z.string().min(1).max(80),
  currency: z.enum(["EUR", "USD", "INR"]),
  reference: z.string().max(40),
  priority: z.int().min(1).max(5),
  gift: z.boolean(),
  lines: z.array(Line).min(1).max(20),
});

export const Order = NewOrder.extend({ id: z.string(), placedAt: z.string(), totalCents: z.int() });

export const OrderParams = z.object({ id: z.string().regex(/^ord_[0-9]{8}$/) });
