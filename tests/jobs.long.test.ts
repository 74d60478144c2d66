import { expect, test } from "vitest";
import { addTask, begunTasks, effects, jobsApp } from "./helpers/jobs-app.ts";
import { kill, startTrellis } from "./helpers/trellis-process.ts";

/** The promise; the job begins anew sooner, as soon as its worker has been silent for its lease. */
const elsewhereMsMax = 10_000;

test("a job enqueued in a transaction that rolls back never runs", async () => {
  const { url } = await startTrellis(jobsApp()).ready;
  expect(await addTask(url, "refused", "rolled back")).toBe(409);
  expect(await addTask(url, "tasks", "committed")).toBe(201);
  await expect.poll(() => effects(url), { timeout: 10_000 }).toEqual(["committed"]);
  expect((await begunTasks(url)).map(({ name }) => name)).toEqual(["committed"]);
});

test("a worker killed with -9 in mid-job: the job completes elsewhere, once", async () => {
  const { url, instances } = await startTrellis(jobsApp()).ready;
  expect(await addTask(url, "tasks", "hangs")).toBe(201);
  await expect.poll(async () => (await begunTasks(url)).length, { timeout: 10_000 }).toBe(1);
  const [first] = await begunTasks(url);
  const workers = instances.filter(({ role }) => role === "worker").map(({ pid }) => pid);
  expect(workers).toContain(first?.pid);
  const killedAt = performance.now();
  kill(first?.pid ?? 0);
  await expect.poll(() => effects(url), { timeout: 20_000, interval: 50 }).toEqual(["hangs"]);
  expect(performance.now() - killedAt).toBeLessThan(elsewhereMsMax);
  // Whatever else runs through the queue, nothing more comes of the first attempt.
  for (const name of ["a", "b", "c"]) await addTask(url, "tasks", name);
  await expect.poll(async () => (await effects(url)).toSorted(), { timeout: 10_000 }).toEqual(["a", "b", "c", "hangs"]);
  const attempts = (await begunTasks(url)).filter(({ name }) => name === "hangs");
  expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(attempts[1]?.pid).not.toBe(first?.pid);
});

test("jobs that were enqueued before the whole tree was killed run after the next start", async () => {
  const app = jobsApp();
  const trellis = startTrellis(app);
  const { url } = await trellis.ready;
  const names = Array.from({ length: 40 }, (_, index) => `task ${index}`);
  for (const name of names) expect(await addTask(url, "tasks", name)).toBe(201);
  await trellis.killTree();
  const again = await startTrellis(app).ready;
  await expect.poll(async () => (await effects(again.url)).toSorted(), { timeout: 20_000 }).toEqual(names.toSorted());
});
