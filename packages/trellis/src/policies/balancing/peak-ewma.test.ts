import { expect, test } from "vitest";
import { decayMs, PeakEwma } from "./peak-ewma.ts";

test("a round trip above the average replaces it at once", () => {
  const cost = new PeakEwma();
  cost.measured(5, 0);
  cost.measured(400, 1);
  expect(cost.at(1)).toBe(400);
});

test("a round trip below the average is averaged in by the time that has passed", () => {
  const cost = new PeakEwma();
  cost.measured(100, 0);
  cost.measured(10, decayMs);
  expect(cost.at(decayMs)).toBeCloseTo(100 / Math.E + 10 * (1 - 1 / Math.E), 9);
});

test("what is not asked is forgotten: a third is left after ten seconds, nearly nothing after a minute", () => {
  const cost = new PeakEwma();
  cost.measured(100, 1_000);
  expect(cost.at(1_000 + decayMs)).toBeCloseTo(36.79, 2);
  expect(cost.at(1_000 + 6 * decayMs)).toBeLessThan(0.25);
});

test("a quick failure lowers nothing, a slow one is as bad as a slow answer", () => {
  const cost = new PeakEwma();
  cost.failed(3_000, 0);
  expect(cost.at(0), "nothing is known of how it answers").toBe(0);
  cost.measured(20, 0);
  cost.failed(1, 0);
  expect(cost.at(0)).toBe(20);
  cost.failed(3_000, 0);
  expect(cost.at(0)).toBe(3_000);
});

test("a clock that goes back makes nobody cheaper or dearer", () => {
  const cost = new PeakEwma();
  cost.measured(100, 5_000);
  expect(cost.at(1_000)).toBe(100);
  cost.measured(10, 1_000);
  expect(cost.at(1_000)).toBe(100);
});

test.each([0, -500, Number.NaN])("an answer in no time at all, or less (%d ms), is an answer", (ms) => {
  const cost = new PeakEwma();
  cost.measured(ms, 0);
  expect(cost.at(0)).toBeGreaterThan(0);
  cost.measured(20, 0);
  cost.measured(ms, decayMs);
  expect(cost.at(decayMs)).toBeCloseTo(20 / Math.E, 2);
});
