import { expect, test } from "vitest";
import { settled, testClock } from "../../../testing/test-clock.ts";
import { PacedLook } from "./paced-look.ts";

function paced() {
  const clock = testClock();
  const atMs: number[] = [];
  let release: (() => void) | undefined;
  const startMs = clock.now();
  const looks = new PacedLook({
    clock,
    pauseMs: 10,
    pollMs: 1_000,
    look: () => {
      atMs.push(clock.now() - startMs);
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
  });
  const finish = async () => {
    release?.();
    await settled();
  };
  return { clock, looks, atMs, finish };
}

test("it looks at once when it is asked, and once more for all that came meanwhile, after a pause", async () => {
  const { clock, looks, atMs, finish } = paced();
  looks.ask();
  for (const _ of Array(100)) looks.ask();
  expect(atMs).toEqual([0]);
  await finish();
  expect(atMs).toEqual([0]);
  await clock.advance(10);
  expect(atMs).toEqual([0, 10]);
  await finish();
  await clock.advance(100);
  looks.ask();
  expect(atMs).toEqual([0, 10, 110]);
});

test("it looks by itself where nobody asks", async () => {
  const { clock, atMs, finish } = paced();
  await clock.advance(1_000);
  await finish();
  await clock.advance(1_000);
  expect(atMs).toEqual([1_000, 2_000]);
});

test("closed, it waits for the look that is under way and begins none", async () => {
  const { clock, looks, atMs, finish } = paced();
  looks.ask();
  let isClosed = false;
  const closed = looks.close().then(() => {
    isClosed = true;
  });
  await settled();
  expect(isClosed).toBe(false);
  await finish();
  await closed;
  looks.ask();
  await clock.advance(5_000);
  expect(atMs).toEqual([0]);
  expect(clock.pending).toBe(0);
});
