import type { Limit } from "../../../model/limit.ts";

/** How long the answer to an idempotency key is kept. */
export const answersKeptMs = 86_400_000;

export const onceLimits: readonly Limit[] = [
  { name: "idempotency keys, kept", value: answersKeptMs, unit: "ms", set: "fixed: retries come sooner" },
];
