import { expect, test } from "vitest";
import { Attempts } from "./attempts.ts";

/** Handles `total` events of which some fail always. Says what was tried and what was set aside. */
function handleAll(total: number, poison: readonly number[], { batchMax = 100, retries = 2 } = {}) {
  const attempts = new Attempts(batchMax, retries);
  const tried: string[] = [];
  const aside: number[] = [];
  let next = 0;
  while (next < total) {
    const count = Math.min(attempts.limit, total - next);
    tried.push(`${next}+${count}`);
    if (!poison.some((one) => one >= next && one < next + count)) {
      next += count;
      attempts.succeeded(BigInt(next), count);
    } else if (attempts.failed(BigInt(next), count) === "set-aside") {
      aside.push(next);
      next += 1;
      attempts.succeeded(BigInt(next), 1);
    }
  }
  return { tried, aside, limit: attempts.limit };
}

test("a batch is tried again as it was, then divided until the event is alone, which gets as many tries", () => {
  expect(handleAll(8, [5])).toEqual({
    tried: ["0+8", "0+8", "0+8", "0+4", "4+4", "4+2", "4+1", "5+2", "5+1", "5+1", "5+1", "6+2"],
    aside: [5],
    limit: 100,
  });
});

test("only the events that fail are set aside, however they lie", () => {
  for (const poison of [[0], [99], [0, 99], [3, 4, 5], [10, 50, 51, 90]])
    expect(handleAll(250, poison)).toMatchObject({ aside: poison, limit: 100 });
  expect(handleAll(5, [0, 1, 2, 3, 4])).toMatchObject({ aside: [0, 1, 2, 3, 4] });
});

test("without retries a failing event is set aside as soon as it is alone", () => {
  expect(handleAll(2, [1], { retries: 0 })).toMatchObject({ tried: ["0+2", "0+1", "1+1"], aside: [1] });
  expect(handleAll(1, [0], { retries: 0 })).toMatchObject({ tried: ["0+1"], aside: [0] });
});

test("it takes few tries to find one event among a thousand", () => {
  expect(handleAll(1_000, [777], { batchMax: 1_000 }).tried.length).toBeLessThan(40);
});
