import { beforeAll, expect, test, vi } from "vitest";
import type { Sql } from "../../../model/sql.ts";
import { eventually, gate, Task, type TestInstance, type TestJobs, testJobs } from "../contract/test-jobs.contract.ts";

// A real server: it has the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let app: TestJobs;
beforeAll(async () => {
  app = await testJobs("leases");
});

/** As if the instance had been silent for so long: dead, cut off, or stalled. */
const silence = (name: string): Promise<unknown[]> =>
  app.database.query("update trellis.worker set lease_until = now() - interval '1 ms' where name = $1", [name]);

/** An instance of a process that was stopped: it says and looks for nothing by itself. */
const stalled = (name: string): TestInstance => app.instance({ instance: name, tickMs: 3_600_000 });

test("the job of a worker that fell silent runs elsewhere, once, and the silent one can write nothing more", async () => {
  const one = stalled("silent");
  const service = one.database.service("tests");
  const begun = gate();
  const wakeUp = gate();
  const late = Promise.withResolvers<unknown>();
  const aborted = Promise.withResolvers<unknown>();
  one.open("taken", Task).work(async ({ complete, signal }) => {
    signal.addEventListener("abort", () => aborted.resolve(signal.reason));
    begun.pass();
    await wakeUp.passed;
    await service.transaction((tx) => complete(tx)).then(late.resolve, late.reject);
  });
  const other = app.instance();
  const { jobs, work } = other.open("taken", Task);
  const id = await jobs.enqueue({ name: "x" });
  await begun.passed;
  const attempts: number[] = [];
  const serving = work(async ({ attempt }) => void attempts.push(attempt));
  await silence("silent");
  await jobs.result(id);
  expect(attempts).toEqual([2]);
  wakeUp.pass();
  await expect(late.promise).rejects.toMatchObject({ code: "lease-lost" });
  expect(await jobs.find(id)).toMatchObject({ state: "done", attempts: 2 });
  // The first word of the silent one after that tells it that its jobs are gone.
  one.wakes.wake("jobs-cancelled");
  await serving.stop();
});

test("a worker that hears that it was taken for dead aborts what it runs, and goes on with other jobs", async () => {
  const one = app.instance({ instance: "revived" });
  const aborted = Promise.withResolvers<{ code: string }>();
  const begun = gate();
  const { jobs, work } = one.open("revived", Task, { concurrency: 1 });
  const serving = work(({ attempt, signal }) => {
    if (attempt > 1) return Promise.resolve();
    signal.addEventListener("abort", () => aborted.resolve(signal.reason));
    begun.pass();
    return new Promise(() => undefined);
  });
  const id = await jobs.enqueue({ name: "x" });
  await begun.passed;
  await app.database.query("update trellis.worker set buried = true where name = 'revived'");
  expect(await aborted.promise).toMatchObject({ code: "lease-lost" });
  await jobs.result(id);
  expect(await jobs.find(id)).toMatchObject({ attempts: 2, error: "Its worker fell silent" });
  await serving.stop();
});

test("who was cut off from the database itself does not take the others for dead", async () => {
  const own = await testJobs("leases_away");
  let isAway = false;
  let refused = 0;
  const database = own.database.engine();
  const platform: Sql = {
    query: async (text, values) => {
      if (!isAway) return database.platform.query(text, values);
      // The judge's own word that it lives: by that it knows that it was cut off.
      if (text.includes("set lease_until")) refused += 1;
      throw new Error("cut off");
    },
  };
  const judge = own.instance({
    database: {
      platform,
      transaction: (run) => database.transaction(run),
      openTransactionHere: (service) => database.openTransactionHere(service),
    },
  });
  judge.open("judged", Task).work(async () => undefined);
  const other = own.instance({ instance: "judged", tickMs: 3_600_000 });
  const { jobs, work } = other.open("away", Task);
  const end = gate();
  const begun = gate();
  const serving = work(() => {
    begun.pass();
    return end.passed;
  });
  const id = await jobs.enqueue({ name: "x" });
  await begun.passed;
  const beats = "select lease_until from trellis.worker where name = 'test'";
  isAway = true;
  await eventually(() => refused).toBeGreaterThan(0);
  await own.database.query("update trellis.worker set lease_until = now() - interval '1 minute'");
  isAway = false;
  const [before] = await own.database.query(beats);
  await eventually(() => own.database.query(beats)).not.toEqual([before]);
  other.wakes.wake("jobs-cancelled");
  const renewed = "select from trellis.worker where name = 'judged' and not buried and lease_until > now()";
  await eventually(async () => (await own.database.query(renewed)).length).toBe(1);
  end.pass();
  await jobs.result(id);
  expect(await jobs.find(id)).toMatchObject({ state: "done", attempts: 1 });
  await serving.stop();
});

test("a job that takes its worker down each time is dead when its attempts are used up", async () => {
  const { jobs, work } = app.instance().open("deadly", Task, { retries: 2 });
  const id = await jobs.enqueue({ name: "x" });
  await app.database.query("update trellis.job set attempts = 3, error = 'Its worker fell silent' where id = $1", [id]);
  const ran: string[] = [];
  const serving = work(async () => void ran.push("never"));
  await expect(jobs.result(id)).rejects.toMatchObject({ code: "job-failed" });
  expect(ran).toEqual([]);
  expect(await jobs.find(id)).toMatchObject({ state: "dead", error: "Its worker fell silent" });
  await serving.stop();
});

test("a claim that was under way when its worker was buried is freed too", async () => {
  const { jobs, work } = app.instance().open("crossed", Task);
  const id = await jobs.enqueue({ name: "x" });
  const [worker] = await app.database.query<{ id: string }>(`
    insert into trellis.worker (id, name, lease_until, buried) values (gen_random_uuid(), 'late', now(), true) returning id`);
  await app.database.query("update trellis.job set state = 'running', worker = $2, epoch = 1 where id = $1", [
    id,
    worker?.id,
  ]);
  const serving = work(async () => undefined);
  await jobs.result(id);
  await serving.stop();
});

test("workers go on when the database is back, and nothing is lost or done twice", async () => {
  const instances = [app.instance(), app.instance()];
  await app.database.query("create table public.counted (job text not null, name text not null)");
  const queues = instances.map((instance) =>
    instance.open("interrupted", Task, { backoff: { base: "1ms", cap: "50ms" }, retries: 50 }),
  );
  const servings = queues.map(({ work }, index) => {
    const service = instances[index]?.database.service("tests");
    return work(({ id, job, complete }) => {
      if (!service) throw new TypeError("There are two instances");
      return service.transaction(async (tx) => {
        const values = [id, job.name];
        await service.in(tx).run({ text: "insert into public.counted values ($1, $2)", values });
        await complete(tx);
      });
    });
  });
  const names = Array.from({ length: 600 }, (_, index) => `job ${index}`);
  await queues[0]?.jobs.enqueueMany(names.map((name) => ({ name })));
  const counted = "select name from public.counted";
  for (let times = 0; times < 5; times += 1) {
    const before = (await app.database.query(counted)).length;
    await app.database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await expect
      .poll(async () => (await app.database.query(counted)).length)
      .toBeGreaterThanOrEqual(Math.min(before + 50, 600));
  }
  await eventually(async () => (await app.database.query(counted)).length).toBe(names.length);
  await Promise.all(servings.map((serving) => serving.stop()));
  const rows = await app.database.query<{ name: string }>(counted);
  expect(rows.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  expect(await app.database.query("select from trellis.job where queue = 'tests.interrupted'")).toEqual([]);
});
