import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { gate, type NewTestJobs, Task, type TestJobs } from "./test-jobs.contract.ts";

/** What jobs have to do with the transactions of those who enqueue and work them. */
export function transactionsContract(newJobs: NewTestJobs): void {
  describe("jobs and transactions", () => {
    let app: TestJobs;
    beforeAll(async () => {
      app = await newJobs("transactions");
      await app.database.query("create table public.effect (job text not null)");
    });
    const effects = async (job: string): Promise<number> =>
      (await app.database.query("select from public.effect where job = $1", [job])).length;

    test("a job enqueued in a transaction that rolls back never runs", async () => {
      const instance = app.instance();
      const { jobs, work } = instance.open("rollbacks", Task);
      const ran: string[] = [];
      const serving = work(async ({ job }) => void ran.push(job.name));
      const service = instance.database.service("tests");
      let lost = "";
      const failing = service.transaction(async (tx) => {
        lost = await jobs.in(tx).enqueue({ name: "never" });
        throw new Error("rolled back");
      });
      await expect(failing).rejects.toThrow("rolled back");
      const kept = await service.transaction(async (tx) => {
        const id = await jobs.in(tx).enqueue({ name: "kept" });
        expect(await jobs.find(id)).toBeUndefined();
        return id;
      });
      await jobs.result(kept);
      expect(ran).toEqual(["kept"]);
      expect(await jobs.find(lost)).toBeUndefined();
      await serving.stop();
    });

    test("unique keys and cancelling work in a transaction too", async () => {
      const instance = app.instance();
      const { jobs } = instance.open("inside", Task, { unique: ({ name }) => name });
      const before = await jobs.enqueue({ name: "a" });
      const doomed = await jobs.enqueue({ name: "b" });
      await instance.database.service("tests").transaction(async (tx) => {
        expect(await jobs.in(tx).enqueueMany([{ name: "a" }, { name: "c" }, { name: "c" }])).toEqual([
          before,
          expect.any(String),
          expect.any(String),
        ]);
        expect(await jobs.in(tx).cancel(doomed)).toBe(true);
        expect(await jobs.find(doomed)).toMatchObject({ state: "waiting" });
      });
      expect(await jobs.find(doomed)).toMatchObject({ state: "cancelled" });
    });

    test("a job that is enqueued or cancelled beside an open transaction is a mistake, and says so", async () => {
      const instance = app.instance();
      const { jobs } = instance.open("beside", Task);
      const id = await jobs.enqueue({ name: "before" });
      await instance.database.service("tests").transaction(async () => {
        await expect(jobs.enqueue({ name: "x" })).rejects.toMatchObject({ code: "outside-transaction" });
        await expect(jobs.cancel(id)).rejects.toMatchObject({ code: "outside-transaction" });
      });
    });

    test("a job that completes in its handler's transaction is done exactly when that commits", async () => {
      const instance = app.instance();
      const service = instance.database.service("tests");
      const { jobs, work } = instance.open("completed", Task, {
        returns: z.object({ attempt: z.int() }),
        backoff: { base: "1ms", cap: "1ms" },
      });
      const serving = work(({ id, attempt, complete }) => attemptWith(id, attempt, complete));
      const attemptWith = (id: string, attempt: number, complete: (tx: never, result: never) => Promise<void>) =>
        service.transaction(async (tx) => {
          await service.in(tx).run({ text: "insert into public.effect values ($1)", values: [id] });
          await complete(tx as never, { attempt } as never);
          if (attempt === 1) throw new Error("after its completion");
          return { attempt };
        });
      const id = await jobs.enqueue({ name: "x" });
      expect(await jobs.result(id)).toEqual({ attempt: 2 });
      expect(await effects(id)).toBe(1);
      await serving.stop();
    });

    test("what a handler does after its job is done changes nothing", async () => {
      const instance = app.instance();
      const service = instance.database.service("tests");
      const { jobs, work } = instance.open("afterwards", Task, { returns: z.object({ n: z.int() }) });
      let runs = 0;
      const serving = work(async (job) => {
        runs += 1;
        await service.transaction((tx) => job.complete(tx, { n: 1 }));
        throw new Error("too late");
      });
      const id = await jobs.enqueue({ name: "x" });
      expect(await jobs.result(id)).toEqual({ n: 1 });
      await serving.stop();
      expect(runs).toBe(1);
      expect(await jobs.find(id)).toMatchObject({ state: "done", attempts: 1 });
    });

    test("an attempt whose time is over can write nothing more", async () => {
      const instance = app.instance();
      const service = instance.database.service("tests");
      const { jobs, work } = instance.open("fenced", Task, {
        retries: 1,
        timeout: "100ms",
        backoff: { base: "1ms", cap: "1ms" },
      });
      const late = gate();
      const outcome = Promise.withResolvers<unknown>();
      const serving = work(async ({ id, attempt, complete }) => {
        if (attempt > 1) return;
        await late.passed;
        await service
          .transaction(async (tx) => {
            await service.in(tx).run({ text: "insert into public.effect values ($1)", values: [id] });
            await complete(tx);
          })
          .then(outcome.resolve, outcome.reject);
      });
      const id = await jobs.enqueue({ name: "x" });
      await jobs.result(id);
      late.pass();
      await expect(outcome.promise).rejects.toMatchObject({ code: "lease-lost" });
      expect(await effects(id)).toBe(0);
      await serving.stop();
    });
  });
}
