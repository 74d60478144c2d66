import { expect, test } from "vitest";
import { decayMs } from "./peak-ewma.ts";
import { SuccessRate } from "./success-rate.ts";

function afterFailures(count: number): SuccessRate {
  const rate = new SuccessRate();
  for (let nth = 0; nth < count; nth++) rate.answered(true, 0);
  return rate;
}

test("trust falls with each failure: to a third after five in a row, never to nothing", () => {
  expect([0, 1, 5, 10].map((count) => Number(afterFailures(count).at(0).toFixed(3)))).toEqual([1, 0.8, 0.328, 0.107]);
  expect(afterFailures(1_000).at(0)).toBe(0.01);
});

test("failures are forgotten with time", () => {
  expect(afterFailures(10).at(decayMs)).toBeCloseTo(1 - (1 - 0.107) / Math.E, 2);
  expect(afterFailures(10).at(10 * decayMs)).toBeGreaterThan(0.999);
});

test("good answers bring trust back, in the end all of it", () => {
  const rate = afterFailures(10);
  rate.answered(false, 0);
  expect(rate.at(0)).toBeCloseTo(0.107 + 0.2 * (1 - 0.107), 2);
  for (let nth = 0; nth < 40; nth++) rate.answered(false, 0);
  expect(rate.at(0)).toBe(1);
});
