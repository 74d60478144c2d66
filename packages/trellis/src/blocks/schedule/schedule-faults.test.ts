import { expect, test, vi } from "vitest";
import { type TestClock, testClock } from "../../testing/test-clock.ts";
import { MemoryTicks } from "./memory-ticks.contract.ts";
import { openSchedules } from "./schedules.ts";
import { TestGround } from "./test-ground.contract.ts";
import { common, Place, type Run, runsOf, sweep, until } from "./test-place.contract.ts";

vi.setConfig({ testTimeout: 20_000 });

const ground = new TestGround("schedule_faults");

function newPlace(clock?: TestClock): { readonly place: Place; readonly queue: MemoryTicks } {
  const queue = new MemoryTicks();
  return { place: new Place(ground, queue, clock), queue };
}

test("a schedule that was taken out of the service fires no more", async () => {
  const { place, queue } = newPlace();
  const { stop } = place.start("one", { every: "1m" }, async () => {});
  await place.idle();
  await stop();
  const without = openSchedules({
    ...common(ground, place.clock),
    schedules: [],
    queue,
    judge: () => place.clock.now(),
    instance: "two",
  });
  const serving = await without.start();
  await place.clock.advance(600_000);
  expect([place.clock.pending, await without.overview()]).toEqual([0, []]);
  expect(await ground.server.query("select last_tick from trellis.schedule")).toEqual([{ last_tick: null }]);
  await serving.stop();
});

test("a firing that fails in the middle is not lost: the next look repeats it, once", async () => {
  const { place, queue } = newPlace();
  let runs = 0;
  const { stop } = place.start("one", { every: "1m" }, async () => {
    runs += 1;
  });
  await place.idle();
  await place.pass(55_000);
  queue.breakOnce();
  await place.pass(5_000);
  expect(runs).toBe(0);
  await place.pass(5_000);
  await until(() => runs === 1);
  await stop();
});

test("a run whose instance dies begins again elsewhere, and is remembered once", async () => {
  const { place, queue } = newPlace();
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  const run: Run = async (_context, instance) => {
    begun.push(instance);
    if (begun.length === 1) await gate.promise;
  };
  const [one, two] = [place.start("one", { every: "1m" }, run), place.start("two", { every: "1m" }, run)];
  await place.idle();
  await place.pass(60_000);
  await until(() => begun.length === 1);
  queue.die();
  await until(async () => (await runsOf(one.engine)).length === 1);
  // The first had only seemed dead: what it has to say comes too late.
  gate.resolve();
  await place.idle();
  await place.pass(5_000);
  expect(new Set(begun)).toEqual(new Set(["one", "two"]));
  expect(await runsOf(one.engine)).toMatchObject([{ instance: begun[1], outcome: "done" }]);
  await Promise.all([one.stop(), two.stop()]);
});

test("a run that is cut off by the end of its instance counts for nothing, and comes again", async () => {
  const { place, queue } = newPlace();
  let begun = 0;
  const { engine, stop } = place.start("one", { every: "1m" }, async ({ signal }) => {
    begun += 1;
    if (begun === 1) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  await place.idle();
  await place.pass(60_000);
  await until(() => begun === 1);
  queue.interrupt();
  await until(async () => (await runsOf(engine)).length === 1);
  expect(begun).toBe(2);
  expect(await runsOf(engine)).toMatchObject([{ outcome: "done" }]);
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
  const { place } = newPlace(moved);
  const fired: number[] = [];
  const { stop } = place.start("one", { every: "1m" }, async ({ now }) => void fired.push(now()));
  await place.idle();
  await place.pass(60_000);
  await until(() => fired.length === 1);
  backMs = 30_000;
  await place.pass(60_000);
  expect(fired).toHaveLength(1);
  await place.pass(30_000);
  await until(() => fired.length === 2);
  backMs = 7 * 86_400_000;
  await place.pass(130_000);
  expect(fired).toHaveLength(4);
  expect(fired.at(-1)).toBeLessThan(fired[0] ?? 0);
  await stop();
});

test("while the database is away nothing is lost for good: the schedule goes on when it is back", async () => {
  const { place } = newPlace();
  let runs = 0;
  const { stop } = place.start("one", { every: "1m" }, async () => {
    runs += 1;
  });
  await place.idle();
  await ground.server.query("alter table trellis.schedule rename to away");
  await place.pass(65_000);
  await ground.server.query("alter table trellis.away rename to schedule");
  await place.pass(5_000);
  await until(() => runs === 1);
  await stop();
});

test("the database's clock decides what time it is, not the instance's", async () => {
  const clock = testClock(Date.parse("2001-01-01T00:00:00Z"));
  const queue = new MemoryTicks();
  const ran = Promise.withResolvers<void>();
  const schedules = [sweep({ every: "1d" }, async () => ran.resolve())];
  const engine = openSchedules({ ...common(ground, clock), schedules, queue, instance: "one" });
  const serving = await engine.start();
  const [row] = await ground.server.query(
    "select next_tick > now() and next_tick <= now() + interval '1 day' as soon from trellis.schedule",
  );
  expect(row).toEqual({ soon: true });
  await ground.server.query("update trellis.schedule set next_tick = now()");
  await clock.advance(5_000);
  // Up to a minute after midnight, and with every 1d, it is late by hours: missed, unless it is asked for.
  await until(() => clock.pending === 1);
  expect(await ground.server.query("select next_tick > now() as moved_on from trellis.schedule")).toEqual([
    { moved_on: true },
  ]);
  await engine.runNow("nightly", "sweep");
  await ran.promise;
  await serving.stop();
});
