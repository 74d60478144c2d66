import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { eventually, gate, type NewTestJobs, Task, type TestJobs } from "./test-jobs.contract.ts";

/** How jobs come in and reach their handlers. */
export function handingOutContract(newJobs: NewTestJobs): void {
  describe("handing out jobs", () => {
    let app: TestJobs;
    beforeAll(async () => {
      app = await newJobs("handing_out");
    });

    test("each job is handed to one worker, once", async () => {
      const ran: string[] = [];
      const queues = [app.instance(), app.instance()].map((instance) => instance.open("once", Task));
      const servings = queues.map(({ work }) => work(async ({ job }) => void ran.push(job.name)));
      const names = Array.from({ length: 2_000 }, (_, index) => `job ${index}`);
      await queues[0]?.jobs.enqueueMany(names.map((name) => ({ name })));
      await eventually(() => ran.length).toBeGreaterThanOrEqual(names.length);
      await Promise.all(servings.map((serving) => serving.stop()));
      expect(ran.toSorted()).toEqual(names.toSorted());
    });

    test("jobs that are enqueued one by one at the same time are all there, in their order", async () => {
      const { jobs, work } = app.instance().open("gathered", Task, { concurrency: 1 });
      const names = Array.from({ length: 300 }, (_, index) => `job ${index}`);
      const ids = await Promise.all(names.map((name) => jobs.enqueue({ name })));
      expect(new Set(ids).size).toBe(names.length);
      const ran: string[] = [];
      const serving = work(async ({ job }) => void ran.push(job.name));
      await eventually(() => ran.length).toBe(names.length);
      expect(ran).toEqual(names);
      await serving.stop();
    });

    test("the job of the highest priority starts first, then the one that came first", async () => {
      const { jobs, work } = app.instance().open("priorities", Task, { concurrency: 1 });
      await jobs.enqueueMany([{ name: "c" }, { name: "d" }]);
      await jobs.enqueue({ name: "a" }, { priority: 100 });
      await jobs.enqueue({ name: "e" }, { priority: -1 });
      await jobs.enqueue({ name: "b" }, { priority: 1 });
      const ran: string[] = [];
      const serving = work(async ({ job }) => void ran.push(job.name));
      await eventually(() => ran.join("")).toBe("abcde");
      await serving.stop();
    });

    test("a delayed job waits for its time, and starts then though no wake comes", async () => {
      const instance = app.instance();
      const { jobs, work } = instance.open("delays", Task);
      instance.wakes.cut();
      const started = new Map<string, number>();
      const serving = work(async ({ job, now }) => void started.set(job.name, now()));
      const enqueuedAt = Date.now();
      await jobs.enqueue({ name: "later" }, { delay: "300ms" });
      const far = await jobs.enqueue({ name: "tomorrow" }, { delay: "1d" });
      await jobs.enqueue({ name: "now" });
      await eventually(() => [...started.keys()]).toEqual(["now", "later"]);
      expect((started.get("later") ?? 0) - enqueuedAt).toBeGreaterThanOrEqual(300);
      expect(await jobs.find(far)).toMatchObject({ state: "waiting", attempts: 0 });
      await serving.stop();
    });

    test("an instance runs no more jobs at once than the queue allows", async () => {
      const { jobs, work } = app.instance().open("concurrency", Task, { concurrency: 3 });
      let running = 0;
      let most = 0;
      let done = 0;
      const serving = work(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        done += 1;
      });
      await jobs.enqueueMany(Array.from({ length: 100 }, () => ({ name: "x" })));
      await eventually(() => done).toBe(100);
      expect(most).toBe(3);
      await serving.stop();
    });

    test("all instances together start no more jobs than the rate allows, in any stretch of its length", async () => {
      const rate = { jobs: 5, every: "500ms" } as const;
      const queues = [app.instance(), app.instance()].map((instance) => instance.open("rates", Task, { rate }));
      const starts: number[] = [];
      const servings = queues.map(({ work }) => work(async () => void starts.push(performance.now())));
      await queues[0]?.jobs.enqueueMany(Array.from({ length: 15 }, () => ({ name: "x" })));
      await eventually(() => starts.length).toBe(15);
      await Promise.all(servings.map((serving) => serving.stop()));
      // A start is counted when it is claimed, and seen here some moments later.
      const lateMs = 250;
      for (let index = 5; index < 15; index += 1)
        expect((starts[index] ?? 0) - (starts[index - 5] ?? 0)).toBeGreaterThanOrEqual(500 - lateMs);
    });

    test("a job whose key is in use is not enqueued, until that one has finished", async () => {
      const { jobs, work } = app.instance().open("unique", Task, { unique: ({ name }) => name });
      const [first, again, other] = await jobs.enqueueMany([{ name: "a" }, { name: "a" }, { name: "b" }]);
      expect(again).toBe(first);
      expect(other).not.toBe(first);
      expect(await jobs.enqueue({ name: "a" })).toBe(first);
      const open = gate();
      const serving = work(() => open.passed);
      await eventually(async () => (await jobs.find(first ?? ""))?.state).toBe("running");
      expect(await jobs.enqueue({ name: "a" })).toBe(first);
      open.pass();
      await jobs.result(first ?? "");
      expect(await jobs.enqueue({ name: "a" })).not.toBe(first);
      await serving.stop();
    });

    test("the same key, enqueued by many at once, is one job", async () => {
      const instances = [app.instance(), app.instance(), app.instance()];
      const queues = instances.map((instance) => instance.open("raced", Task, { unique: ({ name }) => name }));
      const ids = await Promise.all(
        Array.from({ length: 90 }, (_, index) => queues[index % 3]?.jobs.enqueue({ name: `${index % 2}` })),
      );
      expect(new Set(ids).size).toBe(2);
    });

    test("a queue that is not served here claims nothing", async () => {
      const instance = app.instance();
      const served = instance.open("served", Task);
      const { jobs } = instance.open("unserved", Task);
      const serving = served.work(async () => undefined);
      const left = await jobs.enqueue({ name: "x" });
      await served.jobs.result(await served.jobs.enqueue({ name: "x" }));
      expect(await jobs.find(left)).toMatchObject({ state: "waiting", attempts: 0 });
      await serving.stop();
    });

    test("jobs are found though every wake is lost", async () => {
      const [one, other] = [app.instance(), app.instance()];
      for (const { wakes } of [one, other]) wakes.cut();
      const serving = one.open("unwoken", Task).work(async () => undefined);
      const { jobs } = other.open("unwoken", Task);
      await jobs.result(await jobs.enqueue({ name: "x" }), { timeoutMs: 10_000 });
      await serving.stop();
    });

    test("what does not fit the schema is refused with the field's name", async () => {
      const { jobs } = app.instance().open("checked", z.object({ to: z.object({ age: z.int() }) }));
      await expect(jobs.enqueue({ to: { age: 1.5 } })).rejects.toMatchObject({
        code: "invalid-input",
        fields: [{ field: "job.to.age" }],
      });
    });

    test("options that make no sense, and what is too large, are refused", async () => {
      const { jobs } = app.instance().open("limits", Task);
      const refused = { code: "invalid-input" };
      await expect(jobs.enqueue({ name: "x" }, { priority: 101 })).rejects.toMatchObject(refused);
      await expect(jobs.enqueue({ name: "x" }, { delay: "soon" as never })).rejects.toMatchObject({
        code: "invalid-setting",
      });
      await expect(jobs.enqueue({ name: "x".repeat(1_000_001) })).rejects.toMatchObject(refused);
    });

    test("dates and big integers travel by their codecs", async () => {
      const at = z.codec(z.iso.datetime(), z.date(), {
        decode: (text) => new Date(text),
        encode: (date) => date.toISOString(),
      });
      const { jobs, work } = app.instance().open("codecs", z.object({ at }), { returns: z.object({ at }) });
      const seen: unknown[] = [];
      const serving = work(async ({ job }) => {
        seen.push(job.at);
        return job;
      });
      const date = new Date(86_400_000);
      expect(await jobs.result(await jobs.enqueue({ at: date }))).toEqual({ at: date });
      expect(seen).toEqual([date]);
      await serving.stop();
    });
  });
}
