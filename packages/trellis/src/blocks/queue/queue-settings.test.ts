import { expect, test } from "vitest";
import { z } from "zod";
import { queue } from "./queue.ts";

const Task = z.object({ name: z.string() });

test("every bound of a queue is printed", () => {
  const { limits } = queue(Task, { retries: 2, rate: { jobs: 10, every: "1s" }, timeout: "1m", concurrency: 3 });
  expect(Object.fromEntries(limits.map(({ name, value }) => [name, value]))).toEqual({
    "a job": 1_000_000,
    "jobs at once in an instance": 3,
    "an attempt": 60_000,
    "attempts after the first": 2,
    "pause before a retry": 3_600_000,
    "starts in all instances": 10,
    "stretch of time that these are for": 1_000,
    "finished jobs, kept": 86_400_000,
  });
});

test.each([
  ["retries", { retries: -1 }],
  ["retries", { retries: 1.5 }],
  ["concurrency", { concurrency: 0 }],
  ["timeout", { timeout: "0s" }],
  ["rate.jobs", { rate: { jobs: 0, every: "1s" } }],
  ["rate.every", { rate: { jobs: 1, every: "0s" } }],
  ["backoff.base", { backoff: { base: "0ms", cap: "1s" } }],
] as const)("%s that makes no sense is refused where it is declared", (name, options) =>
  expect(() => queue(Task, options)).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringContaining(name) }),
  ),
);

test("a time that is none is refused where it is declared", () => {
  expect(() => queue(Task, { keepFor: "1 week" as never })).toThrow(
    expect.objectContaining({ code: "invalid-setting" }),
  );
});
