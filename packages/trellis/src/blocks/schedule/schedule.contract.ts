import { describe, expect, test, vi } from "vitest";
import { type TestClock, testClock } from "../../testing/test-clock.ts";
import type { TestGround } from "./test-ground.contract.ts";
import { overviewOf, Place, type Run, runsOf, type Ticks, until } from "./test-place.contract.ts";

vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

/** What schedules promise, whatever carries their ticks. */
export function scheduleContract(name: string, ground: TestGround, newTicks: () => Ticks): void {
  const newPlace = (clock?: TestClock): Place => new Place(ground, newTicks(), clock);

  describe(`schedules by ${name}`, () => {
    test("two instances, one schedule, a hundred ticks: a hundred firings", async () => {
      const place = newPlace();
      const fired: number[] = [];
      const run: Run = async ({ now }) => void fired.push(now());
      const instances = [place.start("one", { every: "10s" }, run), place.start("two", { every: "10s" }, run)];
      await place.idle();
      const begun = place.clock.now();
      for (let tick = 1; tick <= 100; tick += 1) {
        await place.pass(10_000);
        await until(() => fired.length >= tick);
        await place.idle();
      }
      expect(fired).toEqual(Array.from({ length: 100 }, (_, index) => begun + (index + 1) * 10_000));
      await Promise.all(instances.map(({ stop }) => stop()));
    });

    test("nothing fires before its time, and nothing at the start", async () => {
      const place = newPlace(testClock(Date.parse("2026-01-01T23:59:30Z")));
      let runs = 0;
      const { stop } = place.start("one", { every: "1d" }, async () => {
        runs += 1;
      });
      await place.idle();
      await place.pass(29_999);
      expect(runs).toBe(0);
      await place.pass(1);
      await until(() => runs === 1);
      await stop();
    });

    test("each run is remembered, with its time, its instance and why it failed; the next time comes all the same", async () => {
      const place = newPlace();
      let runs = 0;
      const { engine, stop } = place.start("one", { every: "1m" }, async () => {
        runs += 1;
        if (runs === 1) throw new Error("no disk");
      });
      await place.idle();
      const begun = place.clock.now();
      for (const count of [1, 2]) {
        await place.pass(60_000);
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
      const place = newPlace();
      const gate = Promise.withResolvers<void>();
      let begun = 0;
      const { engine, stop } = place.start("one", { every: "1m" }, async () => {
        begun += 1;
        await gate.promise;
      });
      await place.idle();
      await place.pass(60_000);
      await until(() => begun === 1);
      expect((await overviewOf(engine)).runningSince).toBe(place.clock.now());
      await place.pass(120_000);
      gate.resolve();
      await until(async () => (await runsOf(engine)).length === 1);
      expect(begun).toBe(1);
      expect(await overviewOf(engine)).toMatchObject({
        runningSince: undefined,
        runs: [{ skipped: 2, tookMs: 120_000 }],
      });
      await place.pass(60_000);
      await until(async () => (await runsOf(engine)).length === 2);
      expect(await runsOf(engine)).toMatchObject([{ skipped: 0 }, { skipped: 2 }]);
      await stop();
    });

    test.each([
      ["skip", 0],
      ["once", 1],
    ] as const)("of the times that nobody was there for, missed: %s runs %i", async (missed, expected) => {
      const place = newPlace();
      let runs = 0;
      const run: Run = async () => {
        runs += 1;
      };
      const first = place.start("one", { every: "1d", missed }, run);
      await place.idle();
      await first.stop();
      await place.clock.advance(3.5 * 86_400_000);
      const second = place.start("two", { every: "1d", missed }, run);
      await place.idle();
      await place.pass(10_000);
      expect(runs).toBe(expected);
      const [row] = await ground.server.query<{ next_tick: Date }>("select next_tick from trellis.schedule");
      expect(row?.next_tick.toISOString()).toBe("2026-01-05T00:00:00.000Z");
      await second.stop();
    });

    test("a time that somebody looks at within a minute is not missed", async () => {
      const place = newPlace();
      const ticks: number[] = [];
      const when = { cron: "0 3 * * *", zone: "UTC" };
      const first = place.start("one", when, async () => {});
      await place.idle();
      await first.stop();
      await place.clock.advance(3 * 3_600_000 + 59_000);
      const second = place.start("two", when, async ({ now }) => void ticks.push(now()));
      await until(() => ticks.length === 1);
      await second.stop();
    });

    test("a new release's times count from its start; the old release fires its own no more, until it is alone", async () => {
      const place = newPlace();
      const fired: string[] = [];
      const run: Run = async (_context, instance) => void fired.push(instance);
      const old = place.start("old", { every: "1m" }, run);
      await place.idle();
      const young = place.start("new", { every: "5m" }, run);
      await place.idle();
      await place.pass(5 * 60_000);
      await until(() => fired.length > 0);
      await place.idle();
      expect(fired).toHaveLength(1);
      await young.stop();
      await place.pass(5 * 60_000);
      expect(fired.length).toBeGreaterThanOrEqual(4);
      expect(await ground.server.query("select spec from trellis.schedule")).toEqual([{ spec: "every 1m" }]);
      await old.stop();
    });

    test("fifty runs of each schedule are remembered", async () => {
      const place = newPlace();
      const { engine, stop } = place.start("one", { every: "10s" }, async () => {});
      await place.idle();
      await ground.server.query(
        `insert into trellis.schedule_run (service, name, tick, by_hand, at, took_ms, outcome, skipped, instance)
         select 'nightly', name, now(), false, now(), 1, 'done', 0, 'old' from generate_series(1, 60), unnest('{sweep,other}'::text[]) name`,
      );
      await place.pass(10_000);
      await until(async () => (await runsOf(engine))[0]?.instance === "one");
      const counts = await ground.server.query(
        "select name, count(*)::int from trellis.schedule_run group by name order by name",
      );
      expect(counts).toEqual([
        { name: "other", count: 60 },
        { name: "sweep", count: 50 },
      ]);
      await stop();
    });

    test("a run that never ends is aborted after six hours, and has failed", async () => {
      const place = newPlace(testClock(Date.parse("2026-01-01T02:59:30Z")));
      let signalOf: AbortSignal | undefined;
      const { engine, stop } = place.start("one", { cron: "0 3 * * *", zone: "UTC" }, ({ signal }) => {
        signalOf = signal;
        return new Promise(() => undefined);
      });
      await place.idle();
      await place.pass(30_000);
      await until(() => signalOf !== undefined);
      await place.clock.advance(6 * 3_600_000);
      await until(async () => (await runsOf(engine)).length === 1);
      expect(signalOf?.aborted).toBe(true);
      expect(await runsOf(engine)).toMatchObject([{ outcome: "failed", error: "The run took longer than 6 hours" }]);
      await stop();
    });

    test("run now runs beside the times, and says no while a run goes on or where there is no such schedule", async () => {
      const place = newPlace();
      const gate = Promise.withResolvers<void>();
      const { engine, stop } = place.start("one", { every: "1d" }, () => gate.promise);
      await place.idle();
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
      const place = newPlace();
      let runs = 0;
      const { engine, stop } = place.start("one", { every: "1d" }, async () => {
        runs += 1;
      });
      expect(await engine.runNow("nightly", "sweep")).toBe(true);
      await until(() => runs === 1);
      await stop();
    });

    test("the next three times are shown, in their zone's daylight", async () => {
      const place = newPlace(testClock(Date.parse("2026-03-28T12:00:00Z")));
      const { engine, stop } = place.start("one", { cron: "30 2 * * *", zone: "Europe/Paris" }, async () => {});
      await place.idle();
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
  });
}
