import { expect, test } from "vitest";
import { testClock } from "../../../testing/test-clock.ts";
import { isJobId, JobIds } from "./job-id.ts";

test("ids ascend while the clock stands still, runs and is set back", () => {
  let now = Date.UTC(2026, 0, 1);
  const ids = new JobIds({ ...testClock(), now: () => now });
  const made: string[] = [];
  for (const step of [0, 1, 5, -60_000, 0]) {
    now += step;
    for (let count = 0; count < 5_000; count += 1) made.push(ids.next());
  }
  expect(made).toEqual(made.toSorted());
  expect(new Set(made).size).toBe(made.length);
});

test("an id is a UUID of version 7 that begins with the time", () => {
  const id = new JobIds(testClock(0x0123_4567_89ab)).next();
  expect(id).toMatch(/^01234567-89ab-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(isJobId(id)).toBe(true);
});

test.each(["", "x", "1", "'; drop table job; --", "01234567-89ab-7000-8000-00000000000g"])("%j is no id", (text) =>
  expect(isJobId(text)).toBe(false),
);
