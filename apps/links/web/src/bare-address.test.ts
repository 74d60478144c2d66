import { expect, test } from "vitest";
import { bareAddress, splitAddress } from "./bare-address.ts";

test("an address is said without what all addresses have", () => {
  expect(bareAddress("https://www.example.com/")).toBe("example.com");
  expect(bareAddress("http://example.com/a/?q=1#x")).toBe("example.com/a/?q=1#x");
});

test("site and rest make the whole address again", () => {
  expect(splitAddress("https://example.com?utm=1")).toEqual({ site: "example.com", rest: "?utm=1" });
  expect(splitAddress("https://example.com/a/b")).toEqual({ site: "example.com", rest: "/a/b" });
  expect(splitAddress("https://example.com")).toEqual({ site: "example.com", rest: "" });
});
