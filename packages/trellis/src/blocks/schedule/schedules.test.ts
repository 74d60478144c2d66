import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Context } from "../../model/context.ts";
import { contract } from "../../model/contract.ts";
import { noMetrics } from "../../model/metrics.ts";
import { type Schedule, service } from "../../model/service.ts";
import { noTracing } from "../../model/tracing.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { type TestClock, testClock } from "../../testing/test-clock.ts";
import { testRandom } from "../../testing/test-random.ts";
import type { DatabaseEngine } from "../database/port.ts";
import { type TestDatabase, testDatabase } from "../database/test-database.contract.ts";
import { declaredSchedules, type OpenSchedule } from "./declared-schedule.ts";
import { memoryTicks } from "./memory-ticks.contract.ts";
import type { ScheduleEngine } from "./port.ts";
import { openSchedules, scheduleMigrations } from "./schedules.ts";

vi.setConfig({ testTimeout: 10_000, hookTimeout: 60_000 });

let server: TestDatabase;
let database: DatabaseEngine;

beforeAll(async () => {
  server = await testDatabase("schedule");
  database = server.engine();
  await database.migrate(scheduleMigrations);
});
beforeEach(async () => {
  await server.query("truncate trellis.schedule, trellis.schedule_run");
});

type When = { every: `${number}${"s" | "m" | "d"}` } | { cron: string; zone: string };
type Run = (context: Context, instance: string) => Promise<void>;

function common(clock: TestClock) {
  return {
    database,
    clock,
    random: testRandom(),
    log: silentLog,
    metrics: noMetrics,
    tracing: noTracing,
  };
}

/** One schedule, `nightly.sweep`, as a release declares it. */
function sweep(when: When & Pick<Schedule<never>, "missed">, run: (context: Context) => Promise<void>): OpenSchedule {
  const nightly = service(contract("nightly", {}), { uses: {}, routes: {}, schedules: { sweep: { ...when, run } } });
  const [declared] = declaredSchedules([nightly]);
  if (!declared) throw new Error("There is one.");
  return { ...declared, run };
}

/** An app of several instances on one database, whose time the test moves. */
function place(clock: TestClock = testClock()) {
  const queue = memoryTicks();
  let live = 0;
  let running = 0;
  const start = (instance: string, when: When & Pick<Schedule<never>, "missed">, run: Run) => {
    const schedule = sweep(when, async (context) => {
      running += 1;
      try {
        await run(context, instance);
      } finally {
        running -= 1;
      }
    });
    const judge = (): number => clock.now();
    const engine = openSchedules({ ...common(clock), schedules: [schedule], queue, judge, instance });
    const serving = engine.start();
    live += 1;
    return {
      engine,
      stop: async () => {
        await serving.stop();
        live -= 1;
      },
    };
  };
  /** Every instance has looked and waits for its next look; each tick has ended, or waits for its run to end. */
  const idle = () => until(() => clock.pending === live + running && queue.unfinished === running);
  /** Lets time pass no faster than the instances look. */
  const pass = async (ms: number): Promise<void> => {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      await clock.advance(Math.min(5_000, end - clock.now()));
      await idle();
    }
    await clock.advance(0);
    await idle();
  };
  return { clock, queue, start, idle, pass };
}

/** Goes on for as long as anything moves by itself, until `done`. */
async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setImmediate(resolve));
}

async function overviewOf(engine: ScheduleEngine) {
  const [overview] = await engine.overview();
  if (!overview) throw new Error("There is one.");
  return overview;
}

const runsOf = async (engine: ScheduleEngine) => (await overviewOf(engine)).runs;

test("two instances, one schedule, a hundred ticks: a hundred firings", async () => {
  const { clock, start, idle, pass } = place();
  const fired: { at: number; instance: string }[] = [];
  const run: Run = async ({ now }, instance) => void fired.push({ at: now(), instance });
  const instances = [start("one", { every: "10s" }, run), start("two", { every: "10s" }, run)];
  await idle();
  const begun = clock.now();
  for (let tick = 1; tick <= 100; tick += 1) {
    await pass(10_000);
    await until(() => fired.length >= tick);
    await idle();
  }
  expect(fired.map(({ at }) => at)).toEqual(Array.from({ length: 100 }, (_, index) => begun + (index + 1) * 10_000));
  expect(new Set(fired.map(({ instance }) => instance))).toEqual(new Set(["one", "two"]));
  await Promise.all(instances.map(({ stop }) => stop()));
});

test("nothing fires before its time, and nothing at the start", async () => {
  const { start, idle, pass } = place(testClock(Date.parse("2026-01-01T23:59:30Z")));
  let runs = 0;
  const { stop } = start("one", { every: "1d" }, async () => {
    runs += 1;
  });
  await idle();
  await pass(29_999);
  expect(runs).toBe(0);
  await pass(1);
  await until(() => runs === 1);
  await stop();
});

test("each run is remembered, with its time, its instance and why it failed; the next time comes all the same", async () => {
  const { clock, start, idle, pass } = place();
  let runs = 0;
  const { engine, stop } = start("one", { every: "1m" }, async () => {
    runs += 1;
    if (runs === 1) throw new Error("no disk");
  });
  await idle();
  const begun = clock.now();
  for (const count of [1, 2]) {
    await pass(60_000);
    await until(async () => (await runsOf(engine)).length === count);
  }
  const same = { byHand: false, tookMs: 0, skipped: 0, instance: "one" };
  expect(await runsOf(engine)).toEqual([
    { ...same, tick: begun + 120_000, at: begun + 120_000, outcome: "done", error: undefined },
    { ...same, tick: begun + 60_000, at: begun + 60_000, outcome: "failed", error: "no disk" },
  ]);
  await stop();
});

test("a time that comes while a run goes on is left out, and counted", async () => {
  const { clock, start, idle, pass } = place();
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const { engine, stop } = start("one", { every: "1m" }, async () => {
    begun += 1;
    await gate.promise;
  });
  await idle();
  await pass(60_000);
  await until(() => begun === 1);
  expect((await overviewOf(engine)).runningSince).toBe(clock.now());
  await pass(120_000);
  gate.resolve();
  await until(async () => (await runsOf(engine)).length === 1);
  expect(begun).toBe(1);
  expect(await overviewOf(engine)).toMatchObject({ runningSince: undefined, runs: [{ skipped: 2, tookMs: 120_000 }] });
  await pass(60_000);
  await until(async () => (await runsOf(engine)).length === 2);
  expect(await runsOf(engine)).toMatchObject([{ skipped: 0 }, { skipped: 2 }]);
  await stop();
});

test.each([
  ["skip", 0],
  ["once", 1],
] as const)("of the times that nobody was there for, missed: %s runs %i", async (missed, expected) => {
  const { clock, start, idle, pass } = place();
  let runs = 0;
  const run: Run = async () => {
    runs += 1;
  };
  const first = start("one", { every: "1d", missed }, run);
  await idle();
  await first.stop();
  await clock.advance(3.5 * 86_400_000);
  const second = start("two", { every: "1d", missed }, run);
  await idle();
  await pass(10_000);
  expect(runs).toBe(expected);
  const [row] = await server.query<{ next_tick: Date }>("select next_tick from trellis.schedule");
  expect(row?.next_tick.toISOString()).toBe("2026-01-05T00:00:00.000Z");
  await second.stop();
});

test("a time that somebody looks at within a minute is not missed", async () => {
  const { clock, start, idle } = place();
  const ticks: number[] = [];
  const when = { cron: "0 3 * * *", zone: "UTC" };
  const first = start("one", when, async () => {});
  await idle();
  await first.stop();
  await clock.advance(3 * 3_600_000 + 59_000);
  const second = start("two", when, async ({ now }) => void ticks.push(now()));
  await until(() => ticks.length === 1);
  await second.stop();
});

test("a new release's times count from its start; the old release fires its own no more, until it is alone", async () => {
  const { start, idle, pass } = place();
  const fired: string[] = [];
  const run: Run = async (_context, instance) => void fired.push(instance);
  const old = start("old", { every: "1m" }, run);
  await idle();
  const young = start("new", { every: "5m" }, run);
  await idle();
  await pass(5 * 60_000);
  await until(() => fired.length > 0);
  await idle();
  expect(fired).toHaveLength(1);
  await young.stop();
  await pass(5 * 60_000);
  expect(fired.length).toBeGreaterThanOrEqual(4);
  expect(await server.query("select spec from trellis.schedule")).toEqual([{ spec: "every 1m" }]);
  await old.stop();
});

test("a schedule that was taken out of the service fires no more", async () => {
  const { clock, queue, start, idle } = place();
  const { stop } = start("one", { every: "1m" }, async () => {});
  await idle();
  await stop();
  const without = openSchedules({ ...common(clock), schedules: [], queue, judge: () => clock.now(), instance: "two" });
  const serving = without.start();
  await clock.advance(600_000);
  expect([clock.pending, await without.overview()]).toEqual([0, []]);
  expect(await server.query("select last_tick from trellis.schedule")).toEqual([{ last_tick: null }]);
  await serving.stop();
});

test("fifty runs of each schedule are remembered", async () => {
  const { start, idle, pass } = place();
  const { engine, stop } = start("one", { every: "10s" }, async () => {});
  await idle();
  await server.query(
    `insert into trellis.schedule_run (service, name, tick, by_hand, at, took_ms, outcome, skipped, instance)
     select 'nightly', name, now(), false, now(), 1, 'done', 0, 'old' from generate_series(1, 60), unnest('{sweep,other}'::text[]) name`,
  );
  await pass(10_000);
  await until(async () => (await runsOf(engine))[0]?.instance === "one");
  const counts = await server.query("select name, count(*)::int from trellis.schedule_run group by name order by name");
  expect(counts).toEqual([
    { name: "other", count: 60 },
    { name: "sweep", count: 50 },
  ]);
  await stop();
});

test("a firing that fails in the middle is not lost: the next look repeats it, once", async () => {
  const { queue, start, idle, pass } = place();
  let runs = 0;
  const { stop } = start("one", { every: "1m" }, async () => {
    runs += 1;
  });
  await idle();
  await pass(55_000);
  queue.breakOnce();
  await pass(5_000);
  expect(runs).toBe(0);
  await pass(5_000);
  await until(() => runs === 1);
  await stop();
});

test("a run whose instance dies begins again elsewhere, and is remembered once", async () => {
  const { queue, start, idle, pass } = place();
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  const run: Run = async (_context, instance) => {
    begun.push(instance);
    if (begun.length === 1) await gate.promise;
  };
  const [one, two] = [start("one", { every: "1m" }, run), start("two", { every: "1m" }, run)];
  await idle();
  await pass(60_000);
  await until(() => begun.length === 1);
  queue.die();
  await until(async () => (await runsOf(one.engine)).length === 1);
  // The first had only seemed dead: what it has to say comes too late.
  gate.resolve();
  await idle();
  await pass(5_000);
  expect(new Set(begun)).toEqual(new Set(["one", "two"]));
  expect(await runsOf(one.engine)).toMatchObject([{ instance: begun[1], outcome: "done" }]);
  await Promise.all([one.stop(), two.stop()]);
});

test("a run that is cut off by the end of its instance counts for nothing, and comes again", async () => {
  const { queue, start, idle, pass } = place();
  let begun = 0;
  const { engine, stop } = start("one", { every: "1m" }, async ({ signal }) => {
    begun += 1;
    if (begun === 1) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  await idle();
  await pass(60_000);
  await until(() => begun === 1);
  queue.interrupt();
  await until(async () => (await runsOf(engine)).length === 1);
  expect(begun).toBe(2);
  expect(await runsOf(engine)).toMatchObject([{ outcome: "done" }]);
  await stop();
});

test("a run that never ends is aborted after six hours, and has failed", async () => {
  const { clock, start, idle, pass } = place(testClock(Date.parse("2026-01-01T02:59:30Z")));
  let signalOf: AbortSignal | undefined;
  const { engine, stop } = start("one", { cron: "0 3 * * *", zone: "UTC" }, ({ signal }) => {
    signalOf = signal;
    return new Promise(() => undefined);
  });
  await idle();
  await pass(30_000);
  await until(() => signalOf !== undefined);
  await clock.advance(6 * 3_600_000);
  await until(async () => (await runsOf(engine)).length === 1);
  expect(signalOf?.aborted).toBe(true);
  expect(await runsOf(engine)).toMatchObject([{ outcome: "failed", error: "The run took longer than 6 hours" }]);
  await stop();
});

test("a clock that is set back a little fires nothing twice; far, and the schedule begins anew", async () => {
  const clock = testClock();
  let backMs = 0;
  const moved: TestClock = {
    now: () => clock.now() - backMs,
    after: (delayMs, run) => clock.after(delayMs, run),
    advance: (ms) => clock.advance(ms),
    get pending() {
      return clock.pending;
    },
  };
  const { start, idle, pass } = place(moved);
  const fired: number[] = [];
  const { stop } = start("one", { every: "1m" }, async ({ now }) => void fired.push(now()));
  await idle();
  await pass(60_000);
  await until(() => fired.length === 1);
  backMs = 30_000;
  await pass(60_000);
  expect(fired).toHaveLength(1);
  await pass(30_000);
  await until(() => fired.length === 2);
  backMs = 7 * 86_400_000;
  await pass(130_000);
  expect(fired).toHaveLength(4);
  expect(fired.at(-1)).toBeLessThan(fired[0] ?? 0);
  await stop();
});

test("run now runs beside the times, and says no while a run goes on or where there is no such schedule", async () => {
  const { start, idle } = place();
  const gate = Promise.withResolvers<void>();
  const { engine, stop } = start("one", { every: "1d" }, () => gate.promise);
  await idle();
  const { next } = await overviewOf(engine);
  expect(await engine.runNow("nightly", "sweep")).toBe(true);
  expect(await engine.runNow("nightly", "sweep")).toBe(false);
  expect(await engine.runNow("nightly", "other")).toBeUndefined();
  gate.resolve();
  await until(async () => (await runsOf(engine)).length === 1);
  expect(await overviewOf(engine)).toMatchObject({ next, runs: [{ byHand: true, outcome: "done" }] });
  expect(await engine.runNow("nightly", "sweep")).toBe(true);
  await until(async () => (await runsOf(engine)).length === 2);
  await stop();
});

test("run now works where no instance has looked yet", async () => {
  const { start } = place();
  let runs = 0;
  const { engine, stop } = start("one", { every: "1d" }, async () => {
    runs += 1;
  });
  expect(await engine.runNow("nightly", "sweep")).toBe(true);
  await until(() => runs === 1);
  await stop();
});

test("while the database is away nothing is lost for good: the schedule goes on when it is back", async () => {
  const { start, idle, pass } = place();
  let runs = 0;
  const { stop } = start("one", { every: "1m" }, async () => {
    runs += 1;
  });
  await idle();
  await server.query("alter table trellis.schedule rename to away");
  await pass(65_000);
  await server.query("alter table trellis.away rename to schedule");
  await pass(5_000);
  await until(() => runs === 1);
  await stop();
});

test("the next three times are shown, in their zone's daylight", async () => {
  const { start, idle } = place(testClock(Date.parse("2026-03-28T12:00:00Z")));
  const { engine, stop } = start("one", { cron: "30 2 * * *", zone: "Europe/Paris" }, async () => {});
  await idle();
  const { next, spec, zone } = await overviewOf(engine);
  expect([spec, zone, ...next.map((at) => new Date(at).toISOString())]).toEqual([
    "30 2 * * *",
    "Europe/Paris",
    "2026-03-29T01:00:00.000Z",
    "2026-03-30T00:30:00.000Z",
    "2026-03-31T00:30:00.000Z",
  ]);
  await stop();
});

test("the database's clock decides what time it is, not the instance's", async () => {
  const clock = testClock(Date.parse("2001-01-01T00:00:00Z"));
  const queue = memoryTicks();
  const ran = Promise.withResolvers<void>();
  const schedules = [sweep({ every: "1d" }, async () => ran.resolve())];
  const engine = openSchedules({ ...common(clock), schedules, queue, instance: "one" });
  const serving = engine.start();
  await until(() => clock.pending === 1);
  const [row] = await server.query(
    "select next_tick > now() and next_tick <= now() + interval '1 day' as soon from trellis.schedule",
  );
  expect(row).toEqual({ soon: true });
  await server.query("update trellis.schedule set next_tick = now()");
  await clock.advance(5_000);
  // Up to a minute after midnight, and with every 1d, it is late by hours: missed, unless it is asked for.
  await until(() => clock.pending === 1);
  expect(await server.query("select next_tick > now() as moved_on from trellis.schedule")).toEqual([
    { moved_on: true },
  ]);
  await engine.runNow("nightly", "sweep");
  await ran.promise;
  await serving.stop();
});
