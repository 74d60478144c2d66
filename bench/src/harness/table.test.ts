import { expect, it } from "vitest";
import type { MeasureResult } from "./result.ts";
import { cellsOf } from "./table.ts";

const summary = (median: number) => ({ median, minimum: 1, maximum: 40, runs: [median] });
const measure: MeasureResult = {
  metric: "share",
  unit: "%",
  better: "higher",
  sides: { a: summary(24.5), b: summary(25.25), c: summary(3) },
  ratios: {},
};

it("shows how far each median is from what was expected, and nothing where nothing was", () => {
  expect(cellsOf({ ...measure, expected: { a: 25, b: 25 } })).toEqual([
    ["share (%)", "median", "minimum", "maximum", "expected", "deviation"],
    ["a", "24.5", "1", "40", "25", "−0.50"],
    ["b", "25.25", "1", "40", "25", "+0.25"],
    ["c", "3", "1", "40", "", ""],
  ]);
});

it("has no such columns where a measure expects nothing, and compares where there is something to compare", () => {
  expect(cellsOf(measure)[0]).toEqual(["share (%)", "median", "minimum", "maximum"]);
  expect(cellsOf({ ...measure, ratios: { "trellis/a": 2 } }).slice(0, 2)).toEqual([
    ["share (%)", "median", "minimum", "maximum", "trellis/side"],
    ["a", "24.5", "1", "40", "2.00"],
  ]);
});
