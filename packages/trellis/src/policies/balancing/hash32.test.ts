import { expect, test } from "vitest";
import { hash32, hashFraction } from "./hash32.ts";

test("the same text has the same hash on every machine and in every release", () => {
  // Rings and sticky cookies of two gateways agree on these.
  expect([hash32(""), hash32("a"), hash32("web-1@3"), hash32("web-1@3", 7)]).toMatchInlineSnapshot(`
    [
      0,
      721651713,
      1617977831,
      1099026183,
    ]
  `);
});

test.each(["key-%", "10.0.%.1", "%", "web-1@%"])("texts that differ in a number (%s) spread evenly", (pattern) => {
  const buckets = new Array<number>(16).fill(0);
  for (let nth = 0; nth < 16_000; nth++) {
    const bucket = Math.floor(hashFraction(pattern.replace("%", String(nth))) * 16);
    buckets[bucket] = (buckets[bucket] as number) + 1;
  }
  // Chi squared of 15 degrees of freedom: above 37.7 once in a thousand even buckets.
  const chiSquared = buckets.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
  expect(chiSquared).toBeLessThan(37.7);
});

test("seeds give independent hashes: a text's place under one says nothing of its place under another", () => {
  let both = 0;
  for (let nth = 0; nth < 16_000; nth++)
    if (hashFraction(`key-${nth}`, 1) < 0.25 && hashFraction(`key-${nth}`, 2) < 0.25) both += 1;
  expect(both / 16_000).toBeCloseTo(1 / 16, 2);
});
