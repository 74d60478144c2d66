import { expect, test } from "vitest";
import { Arrears } from "./arrears.ts";

test("where everything is counted nothing is behind, however long nothing happens", () => {
  const arrears = new Arrears();
  expect(arrears.note(1_000, 50, 50)).toBe(0);
  expect(arrears.note(3_600_000, 50, 50)).toBe(0);
  expect(arrears.note(3_601_000, 60, 60)).toBe(0);
});

test("the oldest that is not counted was answered after the last look that all counted ones were answered by", () => {
  const arrears = new Arrears();
  arrears.note(0, 100, 100);
  expect(arrears.note(1_000, 200, 100)).toBe(1_000);
  expect(arrears.note(2_000, 300, 150)).toBe(2_000);
  expect(arrears.note(3_000, 400, 200)).toBe(2_000);
  expect(arrears.note(4_000, 400, 399)).toBe(2_000);
  expect(arrears.note(5_000, 400, 400)).toBe(0);
});

test("what was behind before the first look is behind since then at least", () => {
  const arrears = new Arrears();
  expect(arrears.note(1_000, 100, 0)).toBe(0);
  expect(arrears.note(2_000, 100, 0)).toBe(1_000);
});

test("a day of looks needs no more room than an hour's, and still tells the age", () => {
  const arrears = new Arrears();
  arrears.note(0, 1, 1);
  let age = 0;
  for (let second = 1; second <= 86_400; second++) age = arrears.note(second * 1_000, second, 1);
  expect(age).toBe(86_399_000);
});
