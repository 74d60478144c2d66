import { expect, test } from "vitest";
import { isPanic } from "./pool-status.ts";

test.each([
  { usable: 3, suspects: 1, panics: false },
  { usable: 2, suspects: 2, panics: true },
  { usable: 1, suspects: 2, panics: true },
  { usable: 4, suspects: 3, panics: false },
  { usable: 0, suspects: 5, panics: true },
])("a pool panics when half of it or more are suspects: $suspects beside $usable", ({ usable, suspects, panics }) => {
  expect(isPanic(usable, suspects)).toBe(panics);
});

test("of two members the one that is well gets everything, for no load of others is feared more than a failing answer", () => {
  expect(isPanic(1, 1)).toBe(false);
  expect(isPanic(0, 2)).toBe(true);
});
