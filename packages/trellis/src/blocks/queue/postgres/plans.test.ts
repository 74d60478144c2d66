import { beforeAll, expect, test, vi } from "vitest";
import { eventually, Task, type TestJobs, testJobs } from "../contract/test-jobs.contract.ts";

// A real server: it has the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let app: TestJobs;
beforeAll(async () => {
  app = await testJobs("plans");
});

const tables = ["job", "finished_job"];

/** How often PostgreSQL has read one of the tables from end to end. */
async function scans(): Promise<number> {
  const [row] = await app.database.query<{ scans: number }>(
    "select sum(seq_scan)::integer as scans from pg_stat_user_tables where schemaname = 'trellis' and relname = any ($1)",
    [tables],
  );
  return row?.scans ?? 0;
}

const settle = (): Promise<unknown> => app.database.query("select pg_stat_force_next_flush()");

test("no statement reads a table from end to end, though every plan was made while the tables were empty", async () => {
  const instance = app.instance();
  const service = instance.database.service("tests");
  const { jobs, work } = instance.open("planned", Task, {
    unique: ({ name }) => name,
    backoff: { base: "1ms", cap: "1ms" },
  });
  const everything = async (count: number): Promise<void> => {
    const ids = await jobs.enqueueMany(Array.from({ length: count }, (_, index) => ({ name: `${index}` })));
    await service.transaction(async (tx) => {
      const id = await jobs.in(tx).enqueue({ name: "inside" });
      await jobs.in(tx).enqueue({ name: "inside" });
      await jobs.in(tx).cancel(id);
    });
    await jobs.cancel(ids[0] ?? "");
    await Promise.all(ids.slice(1, 20).map((id) => jobs.result(id)));
    await instance.engine.dead({ limit: 10 });
    await instance.engine.retryDead(ids.slice(0, 3));
  };
  let turn = 0;
  const serving = work(async ({ attempt, complete, progress }) => {
    progress(1, 2);
    turn += 1;
    if (turn % 3 === 0) return;
    if (turn % 3 === 1 && attempt === 1) throw new Error("once more");
    await service.transaction((tx) => complete(tx));
  });
  for (const table of tables) await app.database.query(`vacuum analyze trellis.${table}`);
  // PostgreSQL settles on one plan for all values after it has run a statement five times.
  for (let times = 0; times < 8; times += 1) await everything(5);
  await settle();
  const before = await scans();
  for (let times = 0; times < 8; times += 1) await everything(200);
  await serving.stop();
  await instance.engine.close();
  await instance.database.close();
  expect(await scans()).toBe(before);
});

test("a million finished jobs and a hundred thousand delayed ones cost a claim nothing", async () => {
  await app.database.query(`
    insert into trellis.finished_job (id, queue, state, attempts, enqueued_at, until)
    select gen_random_uuid(), 'tests.crowded', 'done', 1, now(), now() + interval '1 day' from generate_series(1, 1000000)`);
  await app.database.query(`
    insert into trellis.job (id, queue, state, priority, payload, run_at)
    select gen_random_uuid(), 'tests.crowded', 'delayed', 50, '{"name":"later"}', now() + interval '1 day'
    from generate_series(1, 100000)`);
  const instance = app.instance();
  const { jobs, work } = instance.open("crowded", Task);
  const serving = work(async () => undefined);
  await jobs.result(await jobs.enqueue({ name: "first" }));
  const startedAt = performance.now();
  for (let times = 0; times < 20; times += 1) await jobs.result(await jobs.enqueue({ name: "x" }));
  expect((performance.now() - startedAt) / 20).toBeLessThan(100);
  expect(await instance.engine.overview()).toContainEqual(
    expect.objectContaining({ queue: "tests.crowded", delayed: 100_000, done: 10_000 }),
  );
  await serving.stop();
});

test("finished jobs are removed when they were kept for long enough, and dead ones are not", async () => {
  await app.database.query(`
    insert into trellis.finished_job (id, queue, state, attempts, enqueued_at, until)
    select gen_random_uuid(), 'tests.old', 'done', 1, now(), now() + (i % 2 - 0.5) * interval '1 hour'
    from generate_series(1, 10000) as i`);
  const instance = app.instance();
  const { jobs, work } = instance.open("purged", Task, { keepFor: "0s", retries: 0 });
  const serving = work(async ({ job }) => {
    if (job.name === "dead") throw new Error("broken");
  });
  const dead = await jobs.enqueue({ name: "dead" });
  const done = await jobs.enqueue({ name: "done" });
  await eventually(async () => (await jobs.find(dead))?.state).toBe("dead");
  await eventually(() => jobs.find(done)).toBeUndefined();
  const left = "select count(*)::integer as count from trellis.finished_job where until < now() - interval '500 ms'";
  await eventually(() => app.database.query(left)).toEqual([{ count: 0 }]);
  const kept = "select count(*)::integer as count from trellis.finished_job where queue = 'tests.old'";
  expect(await app.database.query(kept)).toEqual([{ count: 5_000 }]);
  expect(await jobs.find(dead)).toMatchObject({ state: "dead" });
  await serving.stop();
});
