import { expect, test } from "vitest";
import { hasAlready, is304About, rangeStillFits, stronglyEqual, weaklyEqual } from "./conditional.ts";
import { formatHttpDate } from "./http-date.ts";

const now = Date.UTC(2026, 0, 1);
const changed = formatHttpDate(now - 60_000);
const already = (
  ifNoneMatch: string | undefined,
  ifModifiedSince: string | undefined,
  etag?: string,
  lastModified?: string,
) => hasAlready({ ifNoneMatch, ifModifiedSince }, { etag, lastModified }, now, now);

test("RFC 9110 §8.8.3.2: weak comparison overlooks weakness, strong comparison does not", () => {
  expect([weaklyEqual('W/"1"', '"1"'), weaklyEqual('W/"1"', 'W/"2"')]).toEqual([true, false]);
  expect([stronglyEqual('"1"', '"1"'), stronglyEqual('W/"1"', 'W/"1"'), stronglyEqual('W/"1"', '"1"')]).toEqual([
    true,
    false,
    false,
  ]);
});

test("RFC 9110 §13.1.2: If-None-Match is compared weakly, with each of its tags", () => {
  expect(already('"a"', undefined, '"a"')).toBe(true);
  expect(already('W/"a"', undefined, '"a"')).toBe(true);
  expect(already('"x", "a", "y"', undefined, 'W/"a"')).toBe(true);
  expect(already('"x,a"', undefined, '"a"')).toBe(false);
  expect(already("*", undefined)).toBe(true);
  expect(already('"a"', undefined)).toBe(false);
});

test("RFC 9110 §13.2.2: If-None-Match counts alone where both are there", () => {
  expect(already('"a"', formatHttpDate(now - 999_000), '"a"', changed)).toBe(true);
  expect(already('"b"', formatHttpDate(now), '"a"', changed)).toBe(false);
});

test("RFC 9110 §13.1.3: If-Modified-Since holds where nothing changed after it", () => {
  expect(already(undefined, changed, undefined, changed)).toBe(true);
  expect(already(undefined, formatHttpDate(now - 61_000), undefined, changed)).toBe(false);
  expect(already(undefined, "yesterday", undefined, changed)).toBe(false);
});

test("RFC 9111 §4.3.2: an answer without Last-Modified is as old as its Date", () => {
  expect(already(undefined, formatHttpDate(now))).toBe(true);
  expect(already(undefined, formatHttpDate(now - 1_000))).toBe(false);
});

test("RFC 9110 §13.1.5: If-Range wants a strong tag, or the very date of a change that was over", () => {
  const fits = (ifRange: string, etag?: string, lastModified?: string) =>
    rangeStillFits(ifRange, { etag, lastModified }, now, now);
  expect(fits('"a"', '"a"')).toBe(true);
  expect(fits('W/"a"', 'W/"a"')).toBe(false);
  expect(fits(changed, undefined, changed)).toBe(true);
  expect(fits(formatHttpDate(now), undefined, changed)).toBe(false);
  expect(fits(formatHttpDate(now), undefined, formatHttpDate(now))).toBe(false);
});

test("RFC 9111 §4.3.4: a 304 with another validator is about another answer", () => {
  const stored = { etag: '"a"', lastModified: changed };
  expect(is304About({ etag: '"a"', lastModified: undefined }, stored)).toBe(true);
  expect(is304About({ etag: '"b"', lastModified: changed }, stored)).toBe(false);
  expect(is304About({ etag: 'W/"a"', lastModified: undefined }, stored)).toBe(true);
  expect(is304About({ etag: undefined, lastModified: formatHttpDate(now) }, stored)).toBe(false);
  expect(is304About({ etag: undefined, lastModified: undefined }, stored)).toBe(true);
});
