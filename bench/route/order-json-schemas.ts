/** The rules of order-schemas.ts as JSON Schema, for ajv and for Fastify's serialiser. */
const lineSchema = {
  type: "object",
  additionalProperties: false,
  required: ["sku", "quantity", "priceCents"],
  properties: {
    sku: { type: "string", pattern: "^[A-Z]{3}-[0-9]{4}$" },
    quantity: { type: "integer", minimum: 1, maximum: 999 },
    priceCents: { type: "integer", minimum: 0, maximum: 100_000_000 },
  },
} as const;

export const newOrderSchema = {
  type: "object",
  additionalProperties: false,
  required: ["customer", "currency", "reference", "priority", "gift", "lines"],
  properties: {
    customer: { type: "string", minLength: 1, maxLength: 80 },
    currency: { type: "string", enum: ["EUR", "USD", "INR"] },
    reference: { type: "string", maxLength: 40 },
    priority: { type: "integer", minimum: 1, maximum: 5 },
    gift: { type: "boolean" },
    lines: { type: "array", minItems: 1, maxItems: 20, items: lineSchema },
  },
} as const;

export const orderSchema = {
  type: "object",
  additionalProperties: false,
  required: [...newOrderSchema.required, "id", "placedAt", "totalCents"],
  properties: {
    ...newOrderSchema.properties,
    id: { type: "string" },
    placedAt: { type: "string" },
    totalCents: { type: "integer" },
  },
} as const;

export const orderParamsSchema = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "string", pattern: "^ord_[0-9]{8}$" } },
} as const;
