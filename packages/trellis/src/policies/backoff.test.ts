import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

const almostOne = () => 1 - Number.EPSILON;

test("each wait may be twice as long as the one before, up to the cap", () => {
  const longest = [1, 2, 3, 4, 5, 1_000].map((attempt) => backoffMs(attempt, almostOne, { baseMs: 10, capMs: 100 }));
  expect(longest).toEqual([10, 20, 40, 80, 100, 100]);
});

test("those who failed together spread over the whole range", () => {
  const waits = [0, 0.25, 0.5, 0.75].map((chance) => backoffMs(3, () => chance, { baseMs: 10, capMs: 1_000 }));
  expect(waits).toEqual([0, 10, 20, 30]);
});
