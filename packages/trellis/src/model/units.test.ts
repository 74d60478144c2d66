import { expect, test } from "vitest";
import { milliseconds } from "./duration.ts";
import { bytes } from "./size.ts";

test.each([
  ["250ms", 250],
  ["30s", 30_000],
  ["1.5m", 90_000],
  ["1h", 3_600_000],
  ["7d", 604_800_000],
])("%s is %d ms", (text, expected) => {
  expect(milliseconds(text)).toBe(expected);
});

test.each([
  ["512B", 512],
  ["64KB", 65_536],
  ["1.5MB", 1_572_864],
  ["2GB", 2_147_483_648],
])("%s is %d bytes", (text, expected) => {
  expect(bytes(text)).toBe(expected);
});

test.each(["", "7 days", "-1s", "5", "1e3s", "s"])('"%s" is refused as a duration, naming the setting', (text) => {
  expect(() => milliseconds(text, "TRELLIS_X")).toThrow(
    expect.objectContaining({ code: "invalid-setting", message: expect.stringContaining("TRELLIS_X") }),
  );
});

test.each(["", "10 MB", "-1B", "10", "10mb"])('"%s" is refused as a size, naming the setting', (text) => {
  expect(() => bytes(text, "TRELLIS_X")).toThrow(
    expect.objectContaining({ code: "invalid-setting", message: expect.stringContaining("TRELLIS_X") }),
  );
});
