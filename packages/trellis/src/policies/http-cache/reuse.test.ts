import { expect, test } from "vitest";
import { parseRequestControl } from "./cache-control.ts";
import { decideReuse, disconnectedStaleMsMax, isFailingStatus, mayStandIn } from "./reuse.ts";
import type { Keeping } from "./storing.ts";

const made = Date.UTC(2026, 0, 1);
/** Fresh for 100 seconds. */
const keeping: Keeping = {
  madeMs: made,
  freshUntilMs: made + 100_000,
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  alwaysValidate: false,
  neverStale: false,
  omitted: [],
  vary: [],
};

const at = (seconds: number) => made + seconds * 1_000;
const asks = (control: string) => parseRequestControl(control, undefined);

test("RFC 9111 §4.2: an answer is fresh as long as it is younger than its lifetime", () => {
  expect(decideReuse(keeping, undefined, at(99.999))).toBe("fresh");
  expect(decideReuse(keeping, undefined, at(100))).toBe("validate");
});

test("RFC 9111 §5.2.2.4: no-cache is asked about however fresh", () => {
  expect(decideReuse({ ...keeping, alwaysValidate: true }, undefined, at(0))).toBe("validate");
});

test("RFC 9111 §5.2.1.1: a client's max-age bounds the age", () => {
  expect(decideReuse(keeping, asks("max-age=10"), at(10))).toBe("fresh");
  expect(decideReuse(keeping, asks("max-age=10"), at(11))).toBe("validate");
});

test("RFC 9111 §5.2.1.2: max-stale takes what is not staler than it says", () => {
  expect(decideReuse(keeping, asks("max-stale=10"), at(110))).toBe("stale");
  expect(decideReuse(keeping, asks("max-stale=10"), at(111))).toBe("validate");
  expect(decideReuse(keeping, asks("max-stale"), at(100_000))).toBe("stale");
});

test("RFC 9111 §5.2.1.2: max-stale does not take what the origin forbids to give stale", () => {
  expect(decideReuse({ ...keeping, neverStale: true }, asks("max-stale"), at(101))).toBe("validate");
});

test("RFC 9111 §5.2.1.3: min-fresh wants what stays fresh", () => {
  expect(decideReuse(keeping, asks("min-fresh=50"), at(50))).toBe("fresh");
  expect(decideReuse(keeping, asks("min-fresh=50"), at(51))).toBe("validate");
});

test("RFC 9111 §5.2.1.4, §5.2.1.5: no-cache and no-store of a request take nothing that is kept", () => {
  expect(decideReuse(keeping, asks("no-cache"), at(0))).toBe("validate");
  expect(decideReuse(keeping, asks("no-store"), at(0))).toBe("validate");
});

test("RFC 5861 §3: a stale answer is given while a new one is fetched, for as long as it says", () => {
  const lenient = { ...keeping, staleWhileRevalidateMs: 30_000 };
  expect(decideReuse(lenient, undefined, at(130))).toBe("stale-while-revalidate");
  expect(decideReuse(lenient, undefined, at(131))).toBe("validate");
  expect(decideReuse({ ...lenient, neverStale: true }, undefined, at(101))).toBe("validate");
});

test("RFC 5861 §4: a stale answer stands in for a failing origin, for as long as it says", () => {
  const lenient = { ...keeping, staleIfErrorMs: 30_000 };
  expect(mayStandIn(lenient, undefined, true, at(130))).toBe(true);
  expect(mayStandIn(lenient, undefined, true, at(131))).toBe(false);
  expect(mayStandIn(keeping, undefined, true, at(101))).toBe(false);
  expect(mayStandIn(keeping, asks("stale-if-error=30"), true, at(130))).toBe(true);
});

test("RFC 5861 §4: an error is 500, 502, 503 or 504", () => {
  expect([200, 404, 499, 500, 501, 502, 503, 504, 505].filter(isFailingStatus)).toEqual([500, 502, 503, 504]);
});

test("RFC 9111 §4.2.4: a stale answer stands in while the origin cannot be reached, for a day at most", () => {
  expect(mayStandIn(keeping, undefined, false, keeping.freshUntilMs + disconnectedStaleMsMax)).toBe(true);
  expect(mayStandIn(keeping, undefined, false, keeping.freshUntilMs + disconnectedStaleMsMax + 1)).toBe(false);
});

test("RFC 9111 §4.2.4: what must be revalidated never stands in", () => {
  expect(mayStandIn({ ...keeping, neverStale: true, staleIfErrorMs: 60_000 }, undefined, false, at(101))).toBe(false);
});

test("RFC 9111 §5.2.1.4: nothing stands in for a client that wants the origin's own word", () => {
  expect(mayStandIn(keeping, asks("no-cache"), false, at(101))).toBe(false);
});
