import { expect, it } from "vitest";
import { zipfRanks } from "./zipf.ts";

it("asks for the first about twice as often as for the second, and for every rank there is", () => {
  const ranks = zipfRanks(10, 100_000);
  const times = (wanted: number) => ranks.filter((rank) => rank === wanted).length;
  expect(times(0) / times(1)).toBeCloseTo(2, 0);
  expect(times(0) / times(9)).toBeGreaterThan(8);
  expect(new Set(ranks)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
});

it("asks in the same order each time, so that all sides get the same load", () => {
  expect(zipfRanks(1_000, 50)).toEqual(zipfRanks(1_000, 50));
});
