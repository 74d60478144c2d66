import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { eventually, gate, type NewTestJobs, Task, type TestJobs } from "./test-jobs.contract.ts";

const atOnce = { base: "1ms", cap: "1ms" } as const;

/** What becomes of jobs that fail, never end, are cancelled or no longer fit. */
export function failuresContract(newJobs: NewTestJobs): void {
  describe("jobs that do not succeed at once", () => {
    let app: TestJobs;
    beforeAll(async () => {
      app = await newJobs("failures");
    });

    test("an attempt that fails is followed by another, and the last one's error is kept with the dead job", async () => {
      const { jobs, work } = app.instance().open("failing", Task, { retries: 2, backoff: atOnce });
      const attempts: number[] = [];
      const serving = work(async ({ attempt }) => {
        attempts.push(attempt);
        throw new RangeError(`attempt ${attempt} \0 failed`);
      });
      const id = await jobs.enqueue({ name: "x" });
      await expect(jobs.result(id)).rejects.toMatchObject({ code: "job-failed" });
      expect(attempts).toEqual([1, 2, 3]);
      expect(await jobs.find(id)).toMatchObject({ state: "dead", attempts: 3, error: "RangeError: attempt 3  failed" });
      await serving.stop();
    });

    test("a retry waits longer and longer, up to the cap", async () => {
      const { jobs, work } = app.instance({ random: () => 1 }).open("patient", Task, {
        retries: 3,
        backoff: { base: "60ms", cap: "120ms" },
      });
      const at: number[] = [];
      const serving = work(async () => {
        at.push(performance.now());
        throw new Error("again");
      });
      await expect(jobs.result(await jobs.enqueue({ name: "x" }))).rejects.toThrow("dead");
      const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
      for (const [index, least] of [60, 120, 120].entries()) expect(pauses[index]).toBeGreaterThanOrEqual(least - 5);
      await serving.stop();
    });

    test("dead jobs can be looked at, begun anew with all their attempts, and forgotten", async () => {
      const { engine, open } = app.instance();
      const { jobs, work } = open("graveyard", Task, { retries: 0 });
      let mended = false;
      const serving = work(async () => {
        if (!mended) throw new Error("broken");
      });
      const [first, second, third] = await jobs.enqueueMany([{ name: "1" }, { name: "2" }, { name: "3" }]);
      const queue = "tests.graveyard";
      await eventually(async () => (await engine.dead({ queue, limit: 10 })).length).toBe(3);
      const page = await engine.dead({ queue, limit: 2 });
      const rest = await engine.dead({ queue, limit: 2, before: page[1]?.id ?? "" });
      expect([...page, ...rest].map(({ id }) => id).toSorted()).toEqual([first, second, third].toSorted());
      expect(page[0]).toMatchObject({ queue, attempts: 1, error: "broken", payload: expect.stringContaining("name") });
      expect(await engine.dropDead([second ?? "", "no id"])).toBe(1);
      expect(await engine.dropDead([second ?? ""])).toBe(0);
      mended = true;
      expect(await engine.retryDead([first ?? "", second ?? ""])).toBe(1);
      await jobs.result(first ?? "");
      expect(await jobs.find(first ?? "")).toMatchObject({ state: "done", attempts: 1 });
      expect(await jobs.find(second ?? "")).toBeUndefined();
      await serving.stop();
    });

    test("a dead job whose key another one has by now stays dead", async () => {
      const { engine, open } = app.instance();
      const { jobs, work } = open("namesakes", Task, { retries: 0, unique: ({ name }) => name });
      const serving = work(async () => {
        throw new Error("broken");
      });
      const dead = await jobs.enqueue({ name: "a" });
      await expect(jobs.result(dead)).rejects.toMatchObject({ code: "job-failed" });
      await serving.stop();
      await jobs.enqueue({ name: "a" });
      expect(await engine.retryDead([dead])).toBe(0);
      expect(await jobs.find(dead)).toMatchObject({ state: "dead" });
    });

    test("a handler that never ends is aborted, counts as failed, and its place is free", async () => {
      const { jobs, work } = app.instance().open("endless", Task, { retries: 0, timeout: "80ms", concurrency: 1 });
      const aborted: unknown[] = [];
      const serving = work(({ job, signal }) => {
        if (job.name === "next") return Promise.resolve();
        signal.addEventListener("abort", () => aborted.push(signal.reason.code));
        return new Promise(() => undefined);
      });
      const endless = await jobs.enqueue({ name: "endless" });
      const next = await jobs.enqueue({ name: "next" });
      await jobs.result(next);
      expect(aborted).toEqual(["deadline-exceeded"]);
      expect(await jobs.find(endless)).toMatchObject({ state: "dead", error: expect.stringContaining("80 ms") });
      await serving.stop();
    });

    test("a result that does not fit is a failed attempt, with the reason", async () => {
      const { jobs, work } = app.instance().open("garbage", Task, { retries: 0, returns: z.object({ sum: z.int() }) });
      const serving = work(async () => ({ sum: "much" }));
      const id = await jobs.enqueue({ name: "x" });
      await expect(jobs.result(id)).rejects.toMatchObject({ code: "job-failed" });
      expect(await jobs.find(id)).toMatchObject({ state: "dead", error: expect.stringContaining("result.sum") });
      await serving.stop();
    });

    test("a payload of an older release is made one of today's, or its job is dead with the reason", async () => {
      const { open } = app.instance();
      const older = open("shapes", z.object({ url: z.string() }));
      const url = await older.jobs.enqueue({ url: "a" });
      const empty = await older.jobs.enqueue({ url: "" });
      const ran: unknown[] = [];
      const { jobs, work } = app.instance().open("shapes", z.object({ target: z.string().min(1) }), {
        upcast: (old) => ({ target: (old as { url: string }).url }),
      });
      const serving = work(async ({ job }) => void ran.push(job));
      await jobs.result(url);
      await expect(jobs.result(empty)).rejects.toMatchObject({ code: "job-failed" });
      expect(ran).toEqual([{ target: "a" }]);
      expect(await jobs.find(empty)).toMatchObject({
        state: "dead",
        attempts: 1,
        error: expect.stringMatching(/after upcast.*job\.target/),
      });
      await serving.stop();
    });

    test("what has not begun is taken back; what has is aborted, on whatever instance", async () => {
      const [one, other] = [app.instance(), app.instance()];
      const { work } = one.open("cancelled", Task, { concurrency: 1 });
      const begun = gate();
      const serving = work(({ signal }) => {
        begun.pass();
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      });
      const { jobs } = other.open("cancelled", Task);
      const [running, waiting] = await jobs.enqueueMany([{ name: "running" }, { name: "waiting" }]);
      await begun.passed;
      expect(await jobs.cancel(waiting ?? "")).toBe(true);
      expect(await jobs.find(waiting ?? "")).toMatchObject({ state: "cancelled", attempts: 0 });
      expect(await jobs.cancel(running ?? "")).toBe(true);
      await expect(jobs.result(running ?? "", { timeoutMs: 2_000 })).rejects.toThrow("cancelled");
      expect(await jobs.find(running ?? "")).toMatchObject({ state: "cancelled", attempts: 1 });
      expect(await jobs.cancel(running ?? "")).toBe(false);
      await serving.stop();
    });

    test("a running job is aborted though the wake for it is lost", async () => {
      const [one, other] = [app.instance(), app.instance()];
      const { work } = one.open("unheard", Task);
      const begun = gate();
      const serving = work(() => {
        begun.pass();
        return new Promise(() => undefined);
      });
      const { jobs } = other.open("unheard", Task);
      const id = await jobs.enqueue({ name: "x" });
      await begun.passed;
      one.wakes.cut();
      await jobs.cancel(id);
      await eventually(async () => (await jobs.find(id))?.state).toBe("cancelled");
      await serving.stop();
    });

    test("how far a job is can be seen on every instance", async () => {
      const [one, other] = [app.instance(), app.instance()];
      const { work } = one.open("progress", Task);
      const end = gate();
      const serving = work(({ progress }) => {
        progress(1, 4);
        progress(3, 4);
        return end.passed;
      });
      const { jobs } = other.open("progress", Task);
      const id = await jobs.enqueue({ name: "x" });
      await eventually(async () => (await jobs.find(id))?.progress).toEqual({ done: 3, of: 4 });
      end.pass();
      await serving.stop();
    });

    test("who waits for a result hears when it is not there, does not come in time, or is not wanted any more", async () => {
      const { jobs } = app.instance().open("waited", Task);
      const id = await jobs.enqueue({ name: "x" });
      await expect(jobs.result(id, { timeoutMs: 30 })).rejects.toMatchObject({ code: "deadline-exceeded" });
      await expect(jobs.result("nonsense")).rejects.toMatchObject({ code: "unknown-job" });
      await expect(jobs.result(crypto.randomUUID())).rejects.toMatchObject({ code: "unknown-job" });
      const controller = new AbortController();
      const waiting = jobs.result(id, { signal: controller.signal });
      controller.abort(new Error("not wanted"));
      await expect(waiting).rejects.toThrow("not wanted");
      expect(await jobs.find("nonsense")).toBeUndefined();
      expect(await jobs.cancel("nonsense")).toBe(false);
    });
  });
}
