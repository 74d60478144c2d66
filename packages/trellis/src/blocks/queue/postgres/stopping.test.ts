import { beforeAll, expect, test, vi } from "vitest";
import { eventually, gate, Task, type TestJobs, testJobs } from "../contract/test-jobs.contract.ts";

// A real server: it has the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let app: TestJobs;
beforeAll(async () => {
  app = await testJobs("stopping");
});

test("a stop takes nothing new and resolves when what was begun is finished", async () => {
  const { jobs, work } = app.instance().open("ends", Task, { concurrency: 1 });
  const begun = gate();
  const end = gate();
  const serving = work(() => {
    begun.pass();
    return end.passed;
  });
  const [first, second] = await jobs.enqueueMany([{ name: "1" }, { name: "2" }]);
  await begun.passed;
  let stopped = false;
  const stopping = serving.stop().then(() => {
    stopped = true;
  });
  expect(await jobs.find(first ?? "")).toMatchObject({ state: "running" });
  expect(stopped).toBe(false);
  end.pass();
  await stopping;
  expect(await jobs.find(first ?? "")).toMatchObject({ state: "done" });
  expect(await jobs.find(second ?? "")).toMatchObject({ state: "waiting", attempts: 0 });
});

test("jobs that were claimed ahead and not begun are given back at once, as if never claimed", async () => {
  // One that does not give them back by itself meanwhile.
  const [one, other] = [app.instance({ tickMs: 3_600_000 }), app.instance()];
  const { jobs, work } = one.open("ahead", Task, { concurrency: 4 });
  let count = 0;
  const block = gate();
  // Quick ones first, so that many are claimed ahead; then all hang.
  const serving = work(() => {
    count += 1;
    return count < 3_000 ? Promise.resolve() : block.passed;
  });
  await jobs.enqueueMany(Array.from({ length: 4_000 }, (_, index) => ({ name: `${index}` })));
  await eventually(() => count).toBe(3_003);
  const held = "select id from trellis.job where queue = 'tests.ahead' and state = 'running'";
  expect((await app.database.query(held)).length).toBeGreaterThan(4);
  const stopping = serving.stop();
  await eventually(async () => (await app.database.query(held)).length).toBe(4);
  const again = "select from trellis.job where queue = 'tests.ahead' and state = 'ready' and attempts > 0";
  expect(await app.database.query(again)).toEqual([]);
  const elsewhere: number[] = [];
  const takingOver = other.open("ahead", Task).work(async ({ attempt }) => void elsewhere.push(attempt));
  await eventually(() => elsewhere.length).toBe(997);
  expect(new Set(elsewhere)).toEqual(new Set([1]));
  block.pass();
  await Promise.all([stopping, takingOver.stop()]);
});

test("jobs that were claimed ahead of a pace that is gone go to whoever can begin them", async () => {
  const [one, other] = [app.instance(), app.instance()];
  const { jobs, work } = one.open("slowed", Task, { concurrency: 2 });
  let count = 0;
  const block = gate();
  const serving = work(() => {
    count += 1;
    return count < 2_000 ? Promise.resolve() : block.passed;
  });
  await jobs.enqueueMany(Array.from({ length: 2_500 }, (_, index) => ({ name: `${index}` })));
  await eventually(() => count).toBe(2_001);
  let elsewhere = 0;
  const helping = other.open("slowed", Task).work(async () => {
    elsewhere += 1;
  });
  await eventually(() => elsewhere).toBe(499);
  block.pass();
  await Promise.all([serving.stop(), helping.stop()]);
});

test("what lasts too long is aborted, and its job begins anew elsewhere without counting as failed", async () => {
  const { jobs, work } = app.instance({ stopMs: 50 }).open("lasting", Task, { retries: 0 });
  const begun = gate();
  const reasons: unknown[] = [];
  const serving = work(({ signal }) => {
    begun.pass();
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        reasons.push(signal.reason.code);
        reject(signal.reason);
      });
    });
  });
  const id = await jobs.enqueue({ name: "x" });
  await begun.passed;
  await serving.stop();
  expect(reasons).toEqual(["unavailable"]);
  expect(await jobs.find(id)).toMatchObject({ state: "waiting", attempts: 0 });
  const { work: elsewhere } = app.instance().open("lasting", Task, { retries: 0 });
  const taking = elsewhere(async () => undefined);
  await jobs.result(id);
  await taking.stop();
});

test("a handler that does not hear that it must end cannot hold the instance up", async () => {
  const instance = app.instance({ stopMs: 10 });
  const { jobs, work } = instance.open("deaf", Task);
  const begun = gate();
  work(() => {
    begun.pass();
    return new Promise(() => undefined);
  });
  const id = await jobs.enqueue({ name: "x" });
  await begun.passed;
  await instance.engine.close();
  expect(await jobs.find(id)).toMatchObject({ state: "waiting" });
});

test("an engine that is closed leaves its word that its jobs can go to others at once", async () => {
  const one = app.instance({ instance: "closed" });
  one.open("closed", Task).work(async () => undefined);
  const known = "select buried from trellis.worker where name = 'closed'";
  await eventually(() => app.database.query(known)).toEqual([{ buried: false }]);
  await one.engine.close();
  expect(await app.database.query(known)).toEqual([{ buried: true }]);
});
