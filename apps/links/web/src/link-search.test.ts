import { expect, test } from "vitest";
import { readDrawerSearch } from "./drawer-search.ts";
import { readLinkSearch } from "./link-search.ts";

test("what an address says about the list is read, and only what differs from the usual is kept", () => {
  expect(readLinkSearch({ q: "acme", state: "all", sort: "most-followed" })).toEqual({
    q: "acme",
    state: "all",
    sort: "most-followed",
  });
  expect(readLinkSearch({ q: " ", state: "active", sort: "newest" })).toEqual({});
});

test("an address that somebody has mistyped shows the usual list", () => {
  expect(readLinkSearch({ q: 7, state: "gone", sort: ["newest"], other: "x" })).toEqual({});
  expect(readDrawerSearch({ range: "1y", show: "me" })).toEqual({});
});

test("no search is longer than the API takes", () => {
  expect(readLinkSearch({ q: "x".repeat(500) }).q).toHaveLength(200);
});
