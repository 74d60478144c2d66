import { describe, expect, it } from "vitest";
import { jsonBytes } from "./json-bytes.ts";

describe("the size of a value", () => {
  it.each([
    [{ a: 1 }, 7],
    ["text", 6],
    [null, 4],
    [{ big: 12_345n }, 15],
    [new Date(0), 26],
    [undefined, 0],
  ])("of %o is %d", (value, size) => {
    expect(jsonBytes(value)).toBe(size);
  });
});
