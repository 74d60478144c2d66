import { expect, test } from "vitest";
import { asTarget } from "./as-target.ts";

test.each([
  ["https://example.com/a?b=c", "https://example.com/a?b=c"],
  ["  http://example.com  ", "http://example.com"],
  ["example.com", "https://example.com"],
  ["docs.example.co.uk:8080/a/b#c", "https://docs.example.co.uk:8080/a/b#c"],
  ["HTTPS://EXAMPLE.COM", "HTTPS://EXAMPLE.COM"],
])("what people paste is an address: %s", (typed, target) => {
  expect(asTarget(typed)).toBe(target);
});

test.each(["", "hiring", "two words", "v8.2", "https://", "javascript:alert(1)", "a@b", "example.com/a b"])(
  "what is no address is not made one: %s",
  (typed) => {
    expect(asTarget(typed)).toBeUndefined();
  },
);
