import { expect, it } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { rateLimitHeader, rateLimitPolicyHeader, retryAfterHeader } from "./rate-limit-headers.ts";
import { RateLimitTable } from "./rate-limit-table.ts";

const limit = { perSecond: 10, burst: 20 };
const noon = 1_700_000_000_000;

it("allows the burst at once, then as many a second as it says", () => {
  const table = new RateLimitTable(limit);
  const allowedAt = (now: number, asked: number) =>
    Array.from({ length: asked }, () => table.take("a", now).allowed).filter(Boolean).length;
  expect(allowedAt(noon, 100)).toBe(20);
  expect(allowedAt(noon + 99, 10)).toBe(0);
  expect(allowedAt(noon + 100, 10)).toBe(1);
  for (let second = 1; second <= 60; second++) expect(allowedAt(noon + 100 + second * 1_000, 100)).toBe(10);
});

it("says when to come back, how many are left, and when all of them are", () => {
  const table = new RateLimitTable(limit);
  expect(table.take("a", noon)).toEqual({ allowed: true, retryAfterMs: 0, remaining: 19, resetMs: 100 });
  for (let more = 0; more < 19; more++) table.take("a", noon);
  expect(table.take("a", noon + 30)).toEqual({ allowed: false, retryAfterMs: 70, remaining: 0, resetMs: 1_970 });
  expect(table.take("a", noon + 30 + 70).allowed).toBe(true);
  expect(table.take("a", noon + 60_000).remaining).toBe(19);
});

it("never allows more than the burst and what came in, in any span of time, and not much less to one that always asks", () => {
  const random = testRandom(3);
  const table = new RateLimitTable(limit);
  const allowed: number[] = [];
  for (let now = noon; now < noon + 60_000; now += random() * 40) if (table.take("a", now).allowed) allowed.push(now);
  for (const [from, start] of allowed.entries())
    for (const [more, end] of allowed.slice(from).entries())
      expect(more + 1).toBeLessThanOrEqual(limit.burst + ((end - start) * limit.perSecond) / 1_000 + 1e-6);
  expect(allowed.length).toBeGreaterThan(600);
});

it("counts each key by itself", () => {
  const table = new RateLimitTable({ perSecond: 1, burst: 1 });
  expect([table.take("a", noon), table.take("a", noon), table.take("b", noon)].map(({ allowed }) => allowed)).toEqual([
    true,
    false,
    true,
  ]);
});

it("goes on when the clock is set back by an hour", () => {
  const table = new RateLimitTable(limit);
  for (let more = 0; more < 20; more++) table.take("a", noon);
  const { allowed, retryAfterMs } = table.take("a", noon - 3_600_000);
  expect({ allowed, retryAfterMs }).toEqual({ allowed: false, retryAfterMs: 100 });
  expect(table.take("a", noon - 3_600_000 + 100).allowed).toBe(true);
});

it("writes the headers of the draft, in whole seconds and requests", () => {
  expect(rateLimitPolicyHeader("client", limit)).toBe('"client";q=20;w=2');
  expect(rateLimitPolicyHeader("key", { perSecond: 1_000, burst: 50.5 })).toBe('"key";q=50;w=1');
  const refused = { allowed: false, retryAfterMs: 1_200, remaining: 0, resetMs: 2_001 };
  expect(rateLimitHeader("client", refused)).toBe('"client";r=0;t=3');
  expect(retryAfterHeader(refused)).toBe("2");
  expect(retryAfterHeader({ retryAfterMs: 0 })).toBe("1");
});
