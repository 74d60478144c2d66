import { expect, test } from "vitest";
import { atOnce } from "./at-once.ts";

test("every item is worked on once, and never more than the limit at the same time", async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await atOnce(Array(100).keys(), 7, async (item) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    done.push(item);
  });
  expect(done.toSorted((one, other) => one - other)).toEqual([...Array(100).keys()]);
  expect(most).toBe(7);
});

test("after a failure nothing new is begun, and the failure is told", async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    if (item === 3) throw new Error("number 3");
  };
  await expect(atOnce(Array(100).keys(), 2, work)).rejects.toThrow("number 3");
  expect(begun.length).toBeLessThan(8);
});

test("nothing to do is done at once", async () => {
  await expect(atOnce([], 4, async () => Promise.reject(new Error("called")))).resolves.toBeUndefined();
});
