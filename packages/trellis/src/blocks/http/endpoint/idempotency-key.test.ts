import { expect, test } from "vitest";
import { idempotencyKey } from "./idempotency-key.ts";

test.each(["k", " ", "~".repeat(255)])("%j is a key", (key) => {
  expect(idempotencyKey(key)).toBe(key);
});

test.each([[""], ["x".repeat(256)], ["é"], ["a\nb"], ["\u007f"], [["a", "b"]]])("%j is no key", (given) => {
  expect(() => idempotencyKey(given)).toThrow(
    expect.objectContaining({
      code: "invalid-input",
      fields: [expect.objectContaining({ field: "headers.idempotency-key" })],
    }),
  );
});
