import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Opened } from "../../model/block.ts";
import { type TestBus, testBuses } from "../../testing/test-bus.ts";
import { settled, type TestClock, testClock } from "../../testing/test-clock.ts";
import { testOpening } from "../../testing/test-opening.ts";
import { type Cache, cache } from "./cache.ts";
import type { SavedEntry } from "./port.ts";

const Count = z.object({ count: z.number() });
type Count = z.infer<typeof Count>;
type Counts = Cache<string, Count>;

describe("write-behind", () => {
  let clock: TestClock;
  let one: Opened<Counts>;
  let other: Opened<Counts>;
  let table: Map<string, number>;
  const logged = vi.fn();
  const save = vi.fn(async (entries: readonly SavedEntry<string, Count>[]) => {
    for (const { key, value } of entries) table.set(key, value.count);
  });
  const load = async (): Promise<Count | undefined> => {
    const count = table.get("a");
    return count === undefined ? undefined : { count };
  };

  beforeEach(async () => {
    clock = testClock();
    table = new Map();
    save.mockClear();
    logged.mockClear();
    const log = { debug() {}, info() {}, warn() {}, error: logged, with: () => log };
    const [bus, otherBus] = testBuses(2) as [TestBus, TestBus];
    const block = cache(Count, { ttl: "1m", writeWindow: "100ms" });
    one = await block.open(testOpening({ clock, log, engines: { bus } }));
    other = await block.open(testOpening({ clock, log, engines: { bus: otherBus } }));
  });
  afterEach(async () => {
    save.mockReset();
    save.mockImplementation(async (entries) => {
      for (const { key, value } of entries) table.set(key, value.count);
    });
    await one.close?.();
    await other.close?.();
  });

  it("serves the value at once and saves the last of each key in one batch", async () => {
    for (let count = 1; count <= 100; count++) {
      await one.handle.writeBehind("a", { count }, save);
      await one.handle.writeBehind("b", { count: -count }, save);
    }
    expect(await one.handle.get("a")).toEqual({ count: 100 });
    expect(table.size).toBe(0);
    expect(one.handle.stats().unsaved).toBe(2);
    await clock.advance(100);
    expect(save).toHaveBeenCalledTimes(1);
    expect(Object.fromEntries(table)).toEqual({ a: 100, b: -100 });
    expect(one.handle.stats().unsaved).toBe(0);
  });

  it("lets other instances see the new value once it is saved", async () => {
    table.set("a", 1);
    expect(await other.handle.getOrLoad("a", load)).toEqual({ count: 1 });
    await one.handle.writeBehind("a", { count: 2 }, save);
    expect(await other.handle.getOrLoad("a", load)).toEqual({ count: 1 });
    await clock.advance(100);
    expect(await other.handle.getOrLoad("a", load)).toEqual({ count: 2 });
  });

  it("serves the unsaved value even when the entry was deleted meanwhile", async () => {
    table.set("a", 1);
    await one.handle.writeBehind("a", { count: 2 }, save);
    await other.handle.delete("a");
    await settled();
    expect(await one.handle.getOrLoad("a", load)).toEqual({ count: 2 });
    expect(await one.handle.get("a")).toEqual({ count: 2 });
  });

  it("tries again with growing pauses while saving fails, and newer values win", async () => {
    save.mockRejectedValue(new Error("down"));
    await one.handle.writeBehind("a", { count: 1 }, save);
    await one.handle.writeBehind("b", { count: 1 }, save);
    await clock.advance(100);
    expect(save).toHaveBeenCalledTimes(1);
    await one.handle.writeBehind("a", { count: 2 }, save);
    expect(await one.handle.get("a")).toEqual({ count: 2 });
    await clock.advance(60_000);
    const tries = save.mock.calls.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(20);
    expect(one.handle.stats()).toMatchObject({ unsaved: 2, saveFailures: tries });
    save.mockImplementation(async (entries) => {
      for (const { key, value } of entries) table.set(key, value.count);
    });
    await clock.advance(30_000);
    expect(Object.fromEntries(table)).toEqual({ a: 2, b: 1 });
    expect(one.handle.stats().unsaved).toBe(0);
  });

  it("keeps a value that comes while a batch is being saved for the next one", async () => {
    const slow = Promise.withResolvers<void>();
    save.mockImplementationOnce(() => slow.promise);
    await one.handle.writeBehind("a", { count: 1 }, save);
    await clock.advance(100);
    await one.handle.writeBehind("a", { count: 2 }, save);
    await clock.advance(1_000);
    expect(save).toHaveBeenCalledTimes(1);
    slow.resolve();
    await settled();
    await clock.advance(100);
    expect(save.mock.calls.map(([entries]) => entries[0]?.value.count)).toEqual([1, 2]);
    expect(table.get("a")).toBe(2);
  });

  it("tries the newer value of a key that came while saving the older one failed", async () => {
    const slow = Promise.withResolvers<void>();
    save.mockImplementationOnce(() => slow.promise);
    await one.handle.writeBehind("a", { count: 1 }, save);
    await clock.advance(100);
    await one.handle.writeBehind("a", { count: 2 }, save);
    slow.reject(new Error("down"));
    await settled();
    expect(await one.handle.get("a")).toEqual({ count: 2 });
    await clock.advance(30_000);
    expect(table.get("a")).toBe(2);
  });

  it("saves what waits when the instance closes", async () => {
    await one.handle.writeBehind("a", { count: 1 }, save);
    await one.close?.();
    expect(table.get("a")).toBe(1);
    expect(clock.pending).toBe(0);
    await expect(one.handle.writeBehind("a", { count: 2 }, save)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("says how many values were lost when nothing can be saved at the close", async () => {
    save.mockRejectedValue(new Error("down"));
    await one.handle.writeBehind("a", { count: 1 }, save);
    const closed = one.close?.();
    await settled();
    await clock.advance(10_000);
    await closed;
    expect(save).toHaveBeenCalledTimes(3);
    expect(logged).toHaveBeenLastCalledWith("values were lost", { cache: "test.block", values: 1 });
  });

  it("refuses more keys than can wait, but not newer values of those that do", async () => {
    save.mockRejectedValue(new Error("down"));
    for (let i = 0; i < 10_000; i++) await one.handle.writeBehind(`k${i}`, { count: i }, save);
    await expect(one.handle.writeBehind("one more", { count: 0 }, save)).rejects.toMatchObject({ code: "unavailable" });
    expect(await one.handle.get("one more")).toBeUndefined();
    await one.handle.writeBehind("k0", { count: 7 }, save);
    expect(await one.handle.get("k0")).toEqual({ count: 7 });
  });
});
