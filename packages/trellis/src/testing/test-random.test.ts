import { describe, expect, it } from "vitest";
import { testRandom } from "./test-random.ts";

const draw = (seed: number, count: number): readonly number[] => {
  const random = testRandom(seed);
  return Array.from({ length: count }, random);
};

describe("test chance", () => {
  it("is the same for the same seed and another for another", () => {
    expect(draw(5, 10)).toEqual(draw(5, 10));
    expect(draw(5, 10)).not.toEqual(draw(6, 10));
  });

  it("is spread evenly over 0 to 1", () => {
    const tenths = new Array<number>(10).fill(0);
    for (const number of draw(1, 100_000)) tenths[Math.floor(number * 10)] = (tenths[Math.floor(number * 10)] ?? 0) + 1;
    expect(tenths).toHaveLength(10);
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
