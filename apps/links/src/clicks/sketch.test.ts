import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { markMax, Sketch, visitorMark } from "./sketch.ts";

/** Marks of visitors from `from` up to, not including, `end`. */
function marks(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, index) => {
    const bits = hash("sha256", `visitor ${from + index}`, "buffer");
    return visitorMark(bits.readUInt32LE(0) * 2 ** 21 + (bits.readUInt32LE(4) >>> 11));
  });
}

function sketchOf(...visitors: readonly number[]): Sketch {
  const sketch = new Sketch();
  for (const mark of visitors) sketch.add(mark);
  return sketch;
}

describe("a sketch", () => {
  test.each([0, 1, 2, 10, 100, 1_000, 5_000, 20_000, 200_000])("of %i visitors is right within its error", (count) => {
    const estimate = sketchOf(...marks(0, count)).estimate();
    // Three standard errors; the few are nearly exact.
    expect(Math.abs(estimate - count)).toBeLessThanOrEqual(count <= 10 ? 0 : Math.ceil(count * 3 * 0.023));
  });

  test("counts nobody twice", () => {
    const once = marks(0, 500);
    expect(sketchOf(...once, ...once).estimate()).toBe(sketchOf(...once).estimate());
    const sketch = sketchOf(...once);
    expect(once.some((mark) => sketch.add(mark))).toBe(false);
  });

  test.each([0, 1, 50, 639, 640, 700, 3_000, 50_000])(
    "of %i visitors is read as it was written, in 1,280 bytes at most",
    (count) => {
      const written = sketchOf(...marks(0, count)).write();
      expect(written.length).toBeLessThanOrEqual(1_280);
      const read = new Sketch();
      read.merge(written);
      expect(Buffer.from(read.write())).toEqual(Buffer.from(written));
      expect(read.estimate()).toBe(sketchOf(...marks(0, count)).estimate());
    },
  );

  test("those of two hours merge into that of both, whatever form they have", () => {
    for (const [one, other] of [
      [300, 200],
      [5_000, 100],
      [9_000, 9_000],
    ] as const) {
      const merged = sketchOf(...marks(0, one));
      merged.merge(sketchOf(...marks(one / 2, one / 2 + other)).write());
      const both = sketchOf(...marks(0, Math.max(one, one / 2 + other)));
      expect(Buffer.from(merged.write())).toEqual(Buffer.from(both.write()));
    }
  });

  test("a mark has 16 bits, so that thousands of people share each", () => {
    const all = marks(0, 20_000);
    expect(Math.max(...all)).toBeLessThanOrEqual(markMax);
    expect(markMax).toBe(65_535);
    expect(visitorMark((2 ** 11 - 1) * 2 ** 42)).toBe(markMax);
    expect(new Set(all).size).toBeLessThan(all.length / 2);
  });

  test("a mark is the visitor's first 11 bits, and how many zeros follow", () => {
    expect(visitorMark(0)).toBe(31);
    expect(visitorMark(5 * 2 ** 42 + 2 ** 41)).toBe((5 << 5) | 1);
    expect(visitorMark(5 * 2 ** 42 + 2 ** 41 - 1)).toBe((5 << 5) | 2);
    expect(visitorMark(2 ** 53 - 1)).toBe((2_047 << 5) | 1);
  });
});
