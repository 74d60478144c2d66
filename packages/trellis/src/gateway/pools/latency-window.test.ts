import { expect, test } from "vitest";
import { testRandom } from "../../testing/test-random.ts";
import { LatencyWindow } from "./latency-window.ts";

const now = 1_767_225_600_500;

test("nothing is said while there are no answers", () => {
  expect(new LatencyWindow().quantileMs(0.5, now)).toBeUndefined();
});

test("a quantile is right to a thirtieth, from microseconds to minutes", () => {
  const random = testRandom(3);
  for (const scaleMs of [0.02, 0.4, 7, 130, 2_500, 100_000]) {
    const window = new LatencyWindow();
    const all = Array.from({ length: 2_000 }, () => scaleMs * (0.5 + random())).sort((one, two) => one - two);
    for (const tookMs of all) window.add(tookMs, now);
    for (const share of [0.01, 0.5, 0.99]) {
      const exact = all[Math.ceil(share * all.length) - 1] ?? 0;
      expect(Math.abs((window.quantileMs(share, now) ?? 0) - exact) / exact).toBeLessThan(1 / 30);
    }
  }
});

test("what is older than ten seconds is forgotten, second by second", () => {
  const window = new LatencyWindow();
  for (let second = 0; second < 10; second++) window.add(second + 1, now + second * 1_000);
  expect(window.quantileMs(0, now + 9_000)).toBeCloseTo(1, 1);
  expect(window.quantileMs(0, now + 12_000)).toBeCloseTo(4, 0);
  expect(window.quantileMs(1, now + 18_000)).toBeCloseTo(10, 0);
  expect(window.quantileMs(1, now + 19_000)).toBeUndefined();
});

test("a clock that is set back begins anew instead of counting for ever", () => {
  const window = new LatencyWindow();
  window.add(5, now);
  window.add(7, now - 3_600_000);
  expect(window.quantileMs(0, now - 3_600_000)).toBeCloseTo(7, 0);
});

test("absurd times are counted as the least and the most there is", () => {
  const window = new LatencyWindow();
  window.add(-5, now);
  expect(window.quantileMs(1, now)).toBe(0);
  window.add(1e12, now);
  expect(window.quantileMs(1, now)).toBeGreaterThan(2_000_000);
});
