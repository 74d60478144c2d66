import { expect, test } from "vitest";
import { formatContentRange, parseContentRange, parseRange, rangeWithin, resolveRange } from "./ranges.ts";

const of = (text: string, length: number) => {
  const asked = parseRange(text);
  return asked && resolveRange(asked, length);
};

test("RFC 9110 §14.1.2: a range has two ends, or one, or counts from the end", () => {
  expect(of("bytes=0-1", 10)).toEqual({ first: 0, last: 1 });
  expect(of("bytes=1-", 10)).toEqual({ first: 1, last: 9 });
  expect(of("bytes=-3", 10)).toEqual({ first: 7, last: 9 });
  expect(of("BYTES= 0-99", 10)).toEqual({ first: 0, last: 9 });
  expect(of("bytes=-99", 10)).toEqual({ first: 0, last: 9 });
});

test("RFC 9110 §14.2: another unit, several ranges and anything malformed are ignored", () => {
  for (const text of ["items=0-1", "bytes=0-1,3-4", "bytes=", "bytes=-", "bytes=5-1", "bytes=a-b", "0-1"])
    expect([text, parseRange(text)]).toEqual([text, undefined]);
});

test("RFC 9110 §14.1.1: a range beyond the end cannot be satisfied", () => {
  expect(of("bytes=10-", 10)).toBeUndefined();
  expect(of("bytes=-0", 10)).toBeUndefined();
  expect(of("bytes=-1", 0)).toBeUndefined();
});

test("RFC 9110 §14.4: Content-Range that contradicts itself is none", () => {
  expect(parseContentRange("bytes 2-4/10")).toEqual({ first: 2, last: 4, complete: 10 });
  expect(parseContentRange("bytes 2-4/*")).toEqual({ first: 2, last: 4, complete: undefined });
  for (const text of ["bytes 4-2/10", "bytes 2-10/10", "bytes */10", "items 2-4/10", "2-4/10"])
    expect([text, parseContentRange(text)]).toEqual([text, undefined]);
  expect(formatContentRange({ first: 2, last: 4 }, undefined)).toBe("bytes 2-4/*");
});

test("RFC 9111 §3.3: a part answers for the ranges that lie within it, and for no others", () => {
  const part = { first: 4, last: 8, complete: 10 };
  const within = (text: string, of = part as Parameters<typeof rangeWithin>[1]) =>
    rangeWithin(parseRange(text) ?? { first: 0 }, of);
  expect(within("bytes=5-6")).toEqual({ first: 5, last: 6 });
  expect(within("bytes=4-8")).toEqual({ first: 4, last: 8 });
  for (const text of ["bytes=3-5", "bytes=6-", "bytes=-2", "bytes=6-9"])
    expect([text, within(text)]).toEqual([text, undefined]);
  expect(within("bytes=-2", { first: 4, last: 9, complete: 10 })).toEqual({ first: 8, last: 9 });
  expect(within("bytes=-2", { ...part, complete: undefined })).toBeUndefined();
});
