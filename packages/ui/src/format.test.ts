import { expect, test } from "vitest";
import { formatDuration, formatRelative, formatShare } from "./format.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const ago = (seconds: number) => formatRelative(nowMs - seconds * 1_000, nowMs);

test("times are relative up to a week, then the date, with its year where it is another one", () => {
  expect(ago(3)).toBe("now");
  expect(ago(-3)).toBe("now");
  expect(ago(59)).toMatch(/^59 sec/);
  expect(ago(12 * 60)).toMatch(/^12 min/);
  expect(ago(26 * 3_600)).toBe("yesterday");
  expect(ago(6 * 86_400)).toBe("6 days ago");
  expect(ago(8 * 86_400)).toMatch(/14/);
  expect(ago(8 * 86_400)).not.toMatch(/2026/);
  expect(ago(400 * 86_400)).toMatch(/2025/);
  expect(ago(-2 * 3_600)).toMatch(/^in 2/);
});

test("what is there is never 0%, and nothing is never divided by", () => {
  expect(formatShare(1, 1_000)).toBe("<1%");
  expect(formatShare(42, 100)).toBe("42%");
  expect(formatShare(0, 0)).toBe("0%");
});

test("lengths of time have one or two units", () => {
  expect([420, 12_400, 754_000, 7_500_000, 7_200_000, 260_000_000].map(formatDuration)).toEqual([
    "420 ms",
    "12 s",
    "13 min",
    "2 h 5 min",
    "2 h",
    "3 d",
  ]);
});
