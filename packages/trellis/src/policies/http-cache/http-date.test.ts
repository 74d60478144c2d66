import { expect, test } from "vitest";
import { formatHttpDate, parseHttpDate } from "./http-date.ts";

const now = Date.UTC(2026, 0, 1);
const moment = Date.UTC(1994, 10, 6, 8, 49, 37);

test("RFC 9110 §5.6.7: the three forms of a date say the same", () => {
  for (const text of ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    expect([text, parseHttpDate(text, now)]).toEqual([text, moment]);
});

test("RFC 9110 §5.6.7: a year of two digits that seems over 50 years ahead is of the past", () => {
  expect(parseHttpDate("Friday, 31-Dec-76 23:59:59 GMT", now)).toBe(Date.UTC(2076, 11, 31, 23, 59, 59));
  expect(parseHttpDate("Saturday, 31-Dec-77 23:59:59 GMT", now)).toBe(Date.UTC(1977, 11, 31, 23, 59, 59));
});

test("RFC 9111 §4.2: the case of a date does not count", () => {
  for (const text of ["SUN, 06 Nov 1994 08:49:37 GMT", "Sun, 06 NOV 1994 08:49:37 gMT", "sun nov  6 08:49:37 1994"])
    expect([text, parseHttpDate(text, now)]).toEqual([text, moment]);
});

test("RFC 9111 §5.3: a date in any other form is none", () => {
  for (const text of [
    "0",
    "-1",
    "",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 PST",
    "Sun, 06 Nov 1994 08:49:37 AM GMT",
    "Sun, 06  Nov  1994 08:49:37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08.49.37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun 06 Nov 1994 08:49:37 GMT",
    "06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:49:37 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 31 Feb 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "1994-11-06T08:49:37Z",
  ])
    expect([text, parseHttpDate(text, now)]).toEqual([text, undefined]);
});

test("RFC 9110 §5.6.7: what is written can be read again", () => {
  expect(parseHttpDate(formatHttpDate(moment), now)).toBe(moment);
});
