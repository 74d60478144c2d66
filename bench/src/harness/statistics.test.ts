import { describe, expect, it } from "vitest";
import { median, ratio, summarize } from "./statistics.ts";

describe("median", () => {
  it("is the middle of an odd number of runs, whatever their order", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it("is between the two in the middle of an even number of runs", () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it("orders numbers by size and not as text", () => {
    expect(median([100, 9, 20])).toBe(20);
  });

  it("refuses runs that measured nothing instead of giving a figure", () => {
    expect(() => median([])).toThrow(/measured nothing/);
    expect(() => median([1, Number.NaN, 3])).toThrow(/measured nothing/);
  });
});

describe("summarize", () => {
  it("keeps the runs in the order in which they were taken", () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, minimum: 1, maximum: 3, runs: [3, 1, 2] });
  });

  it("keeps four significant digits, and every digit of large numbers", () => {
    expect(summarize([1.23456, 84_307.4, 0.000123456]).runs).toEqual([1.235, 84_307, 0.0001235]);
  });
});

describe("ratio", () => {
  it("is above 1 where the subject is better, also where less is better", () => {
    expect(ratio(200, 100, "higher")).toBe(2);
    expect(ratio(200, 100, "lower")).toBe(0.5);
    expect(ratio(50, 100, "lower")).toBe(2);
  });
});
