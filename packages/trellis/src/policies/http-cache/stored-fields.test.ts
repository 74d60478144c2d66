import { expect, test } from "vitest";
import { wholeField } from "./fields.ts";
import { invalidatedBy, isSafe } from "./invalidation.ts";
import { fieldsOf304, fieldsToKeep, updatedFields } from "./stored-fields.ts";

test("RFC 9111 §3.1: what is about a connection or a proxy is not kept, nor what the origin excludes", () => {
  const fields = [
    "a",
    "1",
    "connection",
    "a",
    "proxy-authenticate",
    "Basic",
    "transfer-encoding",
    "chunked",
    "b",
    "2",
    "date",
    "d",
  ];
  expect(fieldsToKeep(fields, ["a"], "now")).toEqual(["b", "2", "date", "d"]);
});

test("RFC 9110 §6.6.1: an answer without Date gets the time at which it came", () => {
  expect(fieldsToKeep(["b", "2"], [], "now")).toEqual(["b", "2", "date", "now"]);
});

test("RFC 9111 §3.2: fields of a 304 replace those that are kept, all lines of them, and the others stay", () => {
  expect(updatedFields(["a", "1", "a", "2", "b", "3"], ["a", "4", "c", "5"])).toEqual(["b", "3", "a", "4", "c", "5"]);
});

test("RFC 9111 §3.2: what describes the bytes is not updated, for they stay the same", () => {
  const kept = ["content-length", "5", "content-encoding", "br", "content-range", "bytes 0-4/10"];
  expect(updatedFields(kept, ["content-length", "0", "content-encoding", "gzip", "content-range", "x"])).toEqual(kept);
});

test("RFC 9110 §15.4.5: a 304 repeats what would update what the client keeps", () => {
  expect(
    fieldsOf304([
      "content-type",
      "a",
      "etag",
      '"a"',
      "cache-control",
      "c",
      "vary",
      "v",
      "date",
      "d",
      "content-length",
      "3",
    ]),
  ).toEqual(["etag", '"a"', "cache-control", "c", "vary", "v", "date", "d"]);
});

test("RFC 9111 §3.2: what is kept in a coding goes on depending on it, whatever a 304 says of Vary", () => {
  const coded = ["content-encoding", "br", "vary", "Origin, Accept-Encoding"];
  const varyOf = (kept: readonly string[], update: readonly string[]) =>
    wholeField(updatedFields(kept, update), "vary");
  expect(varyOf(coded, ["vary", "origin"])).toBe("origin, accept-encoding");
  expect(varyOf(coded, ["vary", "ACCEPT-ENCODING"])).toBe("ACCEPT-ENCODING");
  expect(varyOf(coded, ["etag", '"a"'])).toBe("Origin, Accept-Encoding");
  expect(varyOf(["vary", "accept-encoding"], ["vary", "origin"])).toBe("origin");
});

const address = "http://example.org/a?b";

test("RFC 9111 §4.4: a change that succeeded invalidates its address and those of its origin that it names", () => {
  expect(invalidatedBy(201, ["location", "/c", "content-location", "d#e"], address)).toEqual([
    address,
    "http://example.org/c",
    "http://example.org/d",
  ]);
  expect(invalidatedBy(303, [], address)).toEqual([address]);
});

test("RFC 9111 §4.4: nothing of another origin is invalidated, and nothing by a failure", () => {
  expect(
    invalidatedBy(200, ["location", "http://evil.example/c", "content-location", "https://example.org/c"], address),
  ).toEqual([address]);
  expect(invalidatedBy(200, ["location", "http://["], address)).toEqual([address]);
  expect(invalidatedBy(404, ["location", "/c"], address)).toEqual([]);
  expect(invalidatedBy(500, [], address)).toEqual([]);
});

test("RFC 9110 §9.2.1: a method that is not known to be safe is not", () => {
  expect(["GET", "HEAD", "OPTIONS", "TRACE"].every(isSafe)).toBe(true);
  expect(["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "get"].some(isSafe)).toBe(false);
});
