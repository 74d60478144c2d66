import { expect, test } from "vitest";
import { amount } from "./amount.ts";

test("an amount is written in the largest unit that gives a whole number", () => {
  expect([0, 250, 30_000, 90_000, 3_600_000, 86_400_000].map((ms) => amount(ms, "ms"))).toEqual([
    "0ms",
    "250ms",
    "30s",
    "90s",
    "1h",
    "1d",
  ]);
  expect([0, 100, 16_384, 1_048_576, 3_221_225_472].map((size) => amount(size, "bytes"))).toEqual([
    "0B",
    "100B",
    "16KB",
    "1MB",
    "3GB",
  ]);
  expect(amount(16, "connections")).toBe("16 connections");
});
