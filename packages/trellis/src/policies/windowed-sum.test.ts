import { expect, it } from "vitest";
import { testRandom } from "../testing/test-random.ts";
import { WindowedSum } from "./windowed-sum.ts";

const noon = 1_700_000_000_000;

it("counts what came in the last nine tenths of the window, and nothing that is older than it", () => {
  const random = testRandom(2);
  const sum = new WindowedSum(1_000);
  const added: { readonly at: number; readonly amount: number }[] = [];
  let now = noon;
  for (let nth = 0; nth < 5_000; nth++) {
    now += Math.floor(random() * (nth % 100 === 0 ? 3_000 : 40));
    const amount = 1 + Math.floor(random() * 9);
    sum.add(amount, now);
    added.push({ at: now, amount });
    const since = (ms: number) =>
      added.filter(({ at }) => at > now - ms).reduce((total, each) => total + each.amount, 0);
    expect(sum.total(now)).toBeGreaterThanOrEqual(since(900));
    expect(sum.total(now)).toBeLessThanOrEqual(since(1_000) + amountAt(added, now - 1_000));
  }
});

it("stands still while the clock goes back a little, and begins anew when it goes back far", () => {
  const sum = new WindowedSum(1_000);
  sum.add(3, noon);
  sum.add(4, noon - 500);
  expect(sum.total(noon)).toBe(7);
  expect(sum.total(noon - 5_000)).toBe(0);
  sum.add(2, noon - 4_900);
  expect(sum.total(noon - 4_900)).toBe(2);
});

it("is empty after a long pause", () => {
  const sum = new WindowedSum(1_000);
  sum.add(3, noon);
  expect(sum.total(noon + 3_600_000)).toBe(0);
});

const amountAt = (added: readonly { readonly at: number; readonly amount: number }[], at: number): number =>
  added.filter((each) => each.at === at).reduce((total, each) => total + each.amount, 0);
