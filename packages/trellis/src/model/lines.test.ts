import { expect, test } from "vitest";
import { Lines } from "./lines.ts";

test("lines come out whole, however the text is cut", () => {
  const text = "first\n\nthird line\nrest";
  for (let size = 1; size <= text.length; size += 1) {
    const lines = new Lines(20);
    const found: string[] = [];
    for (let at = 0; at < text.length; at += size) found.push(...lines.push(text.slice(at, at + size)));
    expect(found).toEqual(["first", "", "third line"]);
    expect(lines.push("\n")).toEqual(["rest"]);
  }
});

test("a line over the limit is refused, complete or not", () => {
  expect(() => new Lines(3).push("four\n")).toThrow(RangeError);
  const lines = new Lines(3);
  expect(lines.push("thr")).toEqual([]);
  expect(() => lines.push("e")).toThrow(RangeError);
});
