import { expect, test } from "vitest";
import { settled } from "../../../testing/test-clock.ts";
import { Batches } from "./batches.ts";

function controlled(itemsMax: number) {
  const sent: {
    items: readonly number[];
    answer: (answers: readonly number[]) => void;
    fail: (error: Error) => void;
  }[] = [];
  const batches = new Batches<number, number>(itemsMax, (items) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>();
    sent.push({ items, answer: resolve, fail: reject });
    return promise;
  });
  return { batches, sent };
}

test("what is given in one turn, or while a batch is on its way, goes out together, and each has its own answer", async () => {
  const { batches, sent } = controlled(10);
  const first = [1, 2].map((item) => batches.add(item));
  await settled();
  const second = [3, 4, 5].map((item) => batches.add(item));
  await settled();
  expect(sent.map(({ items }) => items)).toEqual([[1, 2]]);
  sent[0]?.answer([10, 20]);
  expect(await Promise.all(first)).toEqual([10, 20]);
  await settled();
  expect(sent[1]?.items).toEqual([3, 4, 5]);
  sent[1]?.answer([30, 40, 50]);
  expect(await Promise.all(second)).toEqual([30, 40, 50]);
});

test("a batch has no more items than it may", async () => {
  const { batches, sent } = controlled(2);
  for (const item of [1, 2, 3]) void batches.add(item);
  await settled();
  sent[0]?.answer([1, 2]);
  await settled();
  expect(sent.map(({ items }) => items)).toEqual([[1, 2], [3]]);
});

test("a batch that fails fails those in it and no others", async () => {
  const { batches, sent } = controlled(2);
  const outcomes = [1, 2, 3].map((item) => batches.add(item).catch((error: Error) => error.message));
  await settled();
  sent[0]?.fail(new Error("lost"));
  await settled();
  sent[1]?.answer([3]);
  expect(await Promise.all(outcomes)).toEqual(["lost", "lost", 3]);
});
