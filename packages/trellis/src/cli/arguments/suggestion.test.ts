import { expect, test } from "vitest";
import { suggestion } from "./suggestion.ts";

const known = ["start", "doctor", "migrate", "key new", "plan"];

test("the nearest known word is suggested for letters that are missing, wrong, too many or swapped", () => {
  expect(["strat", "docter", "migrat", "migrates", "keynew", "paln"].map((word) => suggestion(word, known))).toEqual([
    "start",
    "doctor",
    "migrate",
    "migrate",
    "key new",
    "plan",
  ]);
});

test("nothing is suggested for a word that is like none", () => {
  expect(suggestion("frobnicate", known)).toBeUndefined();
});
