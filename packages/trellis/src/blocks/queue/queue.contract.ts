import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Task, type TestJobs, testJobs } from "./test-queue.contract.ts";

/** What every engine of queues promises. */
export function queueContract(): void {
  describe("a queue", () => {
    let jobs: TestJobs;
    beforeAll(async () => {
      jobs = await testJobs("queue");
    });

    test("hands each job to one worker, once", async () => {
      const [one, other] = [jobs.instance(), jobs.instance()];
      const ran: string[] = [];
      const queues = [one, other].map((instance) => instance.open("once", Task));
      const servings = queues.map(({ work }) => work(async ({ job }) => void ran.push(job.name)));
      const names = Array.from({ length: 500 }, (_, index) => `job ${index}`);
      await queues[0]?.jobs.enqueueMany(names.map((name) => ({ name })));
      await expect.poll(() => ran.length).toBeGreaterThanOrEqual(500);
      await Promise.all(servings.map((serving) => serving.stop()));
      expect(ran.toSorted()).toEqual(names.toSorted());
    });

    test("gives the job's result to whoever waits for it", async () => {
      const [one, other] = [jobs.instance(), jobs.instance()];
      const Sum = z.object({ sum: z.int() });
      const options = { returns: Sum };
      const serving = one
        .open("results", z.object({ a: z.int(), b: z.int() }), options)
        .work(async ({ job: { a, b } }) => ({ sum: a + b }));
      const { jobs: waiting } = other.open("results", z.object({ a: z.int(), b: z.int() }), options);
      const id = await waiting.enqueue({ a: 1, b: 2 });
      expect(await waiting.result(id)).toEqual({ sum: 3 });
      expect(await waiting.find(id)).toMatchObject({ state: "done", attempts: 1, result: { sum: 3 } });
      await serving.stop();
    });
  });
}
