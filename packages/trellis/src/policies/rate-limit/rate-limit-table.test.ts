import { describe, expect, it } from "vitest";
import { keyLengthMax } from "./bucket-table.ts";
import { RateLimitTable } from "./rate-limit-table.ts";

const limit = { perSecond: 1, burst: 2 };
const noon = 1_700_000_000_000;

describe("memory", () => {
  it("holds no more keys than it may, however many come", () => {
    const table = new RateLimitTable(limit, { keysMax: 100, crowdFactor: 10 });
    for (let client = 0; client < 100_000; client++) table.take(`client-${client}`, noon + client);
    expect(table.stats().keys).toBeLessThanOrEqual(100);
  });

  it("forgets keys whose bucket is full again, so that others find a place", () => {
    const table = new RateLimitTable(limit, { keysMax: 100, crowdFactor: 10 });
    for (let client = 0; client < 100; client++) table.take(`old-${client}`, noon);
    for (let client = 0; client < 100; client++) table.take(`new-${client}`, noon + 1_000);
    expect(table.stats()).toMatchObject({ keys: 100, crowded: 0 });
  });

  it("gives no place to a key that is longer than it may be", () => {
    const table = new RateLimitTable(limit);
    expect(table.take("k".repeat(keyLengthMax + 1), noon).allowed).toBe(true);
    expect(table.stats()).toMatchObject({ keys: 0, crowded: 1 });
  });
});

describe("a flood of new keys", () => {
  const flooded = () => {
    const table = new RateLimitTable(limit, { keysMax: 100, crowdFactor: 10 });
    table.take("limited", noon);
    table.take("limited", noon);
    const allowed = Array.from({ length: 10_000 }, (_, client) => table.take(`flood-${client}`, noon).allowed);
    return { table, allowed: allowed.filter(Boolean).length };
  };

  it("does not free a key that is limited", () => {
    expect(flooded().table.take("limited", noon).allowed).toBe(false);
  });

  it("is limited itself: those without a place share ten times the limit of one", () => {
    expect(flooded().allowed).toBe(99 + 20);
  });

  it("is told", () => {
    expect(flooded().table.stats()).toEqual({ keys: 100, refused: 9_901 - 20, crowded: 9_901 });
  });

  it("is over when its buckets are full again", () => {
    const { table } = flooded();
    for (let client = 0; client < 50; client++)
      expect(table.take(`later-${client}`, noon + 3_000)).toMatchObject({ allowed: true, remaining: 1 });
    expect(table.stats().crowded).toBe(9_901);
  });
});
