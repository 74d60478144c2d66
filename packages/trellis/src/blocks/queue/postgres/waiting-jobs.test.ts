import { beforeAll, expect, test, vi } from "vitest";
import { eventually, gate, Task, type TestJobs, testJobs } from "../contract/test-jobs.contract.ts";
import { waitingJobs } from "./waiting-jobs.ts";

// A real server: it has the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let app: TestJobs;
beforeAll(async () => {
  app = await testJobs("waiting");
});

test("a service's jobs that could start are told with the oldest one's age, and those that run; not those of later", async () => {
  const { open, database } = app.instance();
  const [due, later] = [open("due", Task, { concurrency: 1 }), open("later", Task)];
  expect(await waitingJobs(database.platform)).toEqual([]);
  await later.jobs.enqueue({ name: "tomorrow" }, { delay: "1d" });
  expect(await waitingJobs(database.platform)).toEqual([]);
  await due.jobs.enqueueMany([{ name: "one" }, { name: "two" }]);
  await app.database.query("update trellis.job set run_at = now() - interval '90 s' where payload like '%one%'");
  const [waiting] = await waitingJobs(database.platform);
  expect(waiting).toMatchObject({ service: "tests", running: 0 });
  expect(waiting?.oldestMs).toBeGreaterThanOrEqual(90_000);
  expect(waiting?.oldestMs).toBeLessThan(120_000);

  const end = gate();
  const serving = due.work(() => end.passed);
  await eventually(() => waitingJobs(database.platform)).toMatchObject([{ service: "tests", running: 1 }]);
  // What runs no longer waits: the other one does.
  expect((await waitingJobs(database.platform))[0]?.oldestMs).toBeLessThan(60_000);
  end.pass();
  await eventually(() => waitingJobs(database.platform)).toEqual([]);
  await serving.stop();
});

test("a delayed job counts when its time has come, and ticks of schedules count for their service", async () => {
  const { open, database } = app.instance();
  const { jobs } = open("delayed", Task);
  const id = await jobs.enqueue({ name: "soon" }, { delay: "1h" });
  await app.database.query(
    "update trellis.job set run_at = now() - interval '1 s', queue = 'shop:schedules' where id = $1",
    [id],
  );
  expect(await waitingJobs(database.platform)).toMatchObject([{ service: "shop", running: 0 }]);
});
