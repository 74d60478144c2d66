import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { benches } from "../../benches.ts";
import { keptResults, resultsPage } from "./keep.ts";
import { withResults } from "./results-page.ts";

const page = readFileSync(resultsPage, "utf8");
const kept = keptResults(benches.map(({ name }) => name));

it("shows what was kept, and nothing else", () => {
  expect(withResults(page, kept)).toBe(page);
});

it("was kept of at least five runs of each side", () => {
  for (const { bench, sides, also } of kept)
    for (const { runs } of [sides, ...also.map((each) => each.sides)].flatMap((each) => Object.values(each)))
      expect(runs.length, bench).toBeGreaterThanOrEqual(5);
});

it("refuses a page that has no place for results instead of losing them", () => {
  expect(() => withResults("# Benchmarks", [])).toThrow(/has no line/);
});
