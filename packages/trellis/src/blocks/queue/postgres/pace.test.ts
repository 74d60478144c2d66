import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

const ended = (pace: Pace, count: number): void => {
  for (let index = 0; index < count; index += 1) pace.note();
};

test("nothing is claimed ahead before the pace is known, nor while jobs are long", () => {
  const pace = new Pace(256);
  expect(pace.ahead(0)).toBe(0);
  ended(pace, 16);
  expect(pace.ahead(1_000)).toBe(0);
});

test("short jobs are claimed ahead as many as twenty milliseconds begin, and no more than a claim brings", () => {
  const pace = new Pace(256);
  pace.ahead(0);
  ended(pace, 100);
  expect(pace.ahead(20)).toBe(100);
  ended(pace, 10_000);
  expect(pace.ahead(40)).toBe(256);
});

test("when jobs become long, the pace of before is soon forgotten", () => {
  const pace = new Pace(256);
  pace.ahead(0);
  ended(pace, 1_000);
  expect(pace.ahead(10)).toBe(256);
  expect(pace.ahead(15)).toBe(256);
  expect(pace.ahead(20)).toBe(0);
});
