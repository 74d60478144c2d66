import { beforeAll, expect, test, vi } from "vitest";
import type { Metrics, Readings } from "../../../model/metrics.ts";
import type { SpanFacts, Tracing } from "../../../model/tracing.ts";
import { eventually, gate, Task, type TestJobs, testJobs } from "../contract/test-jobs.contract.ts";

// A real server: it has the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let app: TestJobs;
beforeAll(async () => {
  app = await testJobs("figures");
});

/** Keeps what is counted, by name and labels. */
class Counted implements Metrics {
  readonly on = true;
  readonly counts = new Map<string, number>();
  readonly gauges = new Map<string, () => Readings | Promise<Readings>>();

  counter(name: string, _help: string, labels = {}) {
    const key = [name, ...Object.values(labels)].join(" ");
    return { add: (amount = 1) => void this.counts.set(key, (this.counts.get(key) ?? 0) + amount) };
  }

  histogram(name: string, help: string, labels = {}) {
    const { add } = this.counter(name, help, labels);
    return { record: () => add() };
  }

  gauge(name: string, _help: string, read: () => Readings | Promise<Readings>): void {
    this.gauges.set(name, read);
  }
}

test("attempts are counted by what became of them, and waiting jobs by state", async () => {
  const metrics = new Counted();
  const { open } = app.instance({ metrics });
  const backoff = { base: "1ms", cap: "1ms" } as const;
  const { jobs, work } = open("counted", Task, { retries: 1, backoff, concurrency: 1 });
  const end = gate();
  const serving = work(async ({ job, attempt }) => {
    if (job.name === "blocks") return end.passed;
    if (job.name === "dead" || attempt === 1) throw new Error("broken");
  });
  const ids = await jobs.enqueueMany([{ name: "twice" }, { name: "dead" }]);
  await Promise.allSettled(ids.map((id) => jobs.result(id)));
  const count = (outcome: string) => metrics.counts.get(`trellis_queue_jobs_total tests.counted ${outcome}`);
  await eventually(() => [count("retried"), count("done"), count("dead")]).toEqual([2, 1, 1]);
  expect(metrics.counts.get("trellis_queue_job_duration_seconds tests.counted")).toBe(4);

  await jobs.enqueueMany([{ name: "blocks" }, { name: "waits" }]);
  await jobs.enqueue({ name: "later" }, { delay: "1h" });
  const states = async () => {
    const readings = await metrics.gauges.get("trellis_queue_depth")?.();
    if (typeof readings !== "object") throw new TypeError("There is a reading for each state");
    const own = readings.filter(({ labels: { queue } }) => queue === "tests.counted");
    return Object.fromEntries(own.map(({ labels: { state }, value }) => [state, value]));
  };
  await eventually(states).toEqual({ waiting: 1, delayed: 1, running: 1, dead: 1 });
  const ages = await metrics.gauges.get("trellis_queue_oldest_age_seconds")?.();
  expect(ages).toContainEqual({ labels: { queue: "tests.counted" }, value: expect.any(Number) });
  end.pass();
  await serving.stop();
});

test("a job runs in a span of its own, caused by what enqueued it", async () => {
  const spans: SpanFacts[] = [];
  const tracing: Tracing = {
    on: true,
    current: () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    span: (facts, run) => {
      spans.push(facts);
      return run();
    },
  };
  const { jobs, work } = app.instance().open("traced", Task, {}, { tracing });
  const serving = work(async () => undefined);
  const id = await jobs.enqueue({ name: "x" });
  await jobs.result(id);
  expect(spans).toEqual([
    {
      name: "work tests.traced",
      kind: "consumer",
      parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      attributes: { "messaging.destination.name": "tests.traced", "messaging.message.id": id },
    },
  ]);
  await serving.stop();
});
