import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Block } from "../../model/block.ts";
import { type TestBus, testBuses } from "../../testing/test-bus.ts";
import { testClock } from "../../testing/test-clock.ts";
import { testOpening } from "../../testing/test-opening.ts";
import { testTransaction } from "../../testing/test-transaction.ts";
import { type CachePair, cacheContract } from "./cache.contract.ts";
import { type Cache, cache } from "./cache.ts";

type Outcome = "replayed" | "lost";

async function openPair<Key, Value>(
  block: Block<"cache", Cache<Key, Value>>,
  outcome: Outcome,
): Promise<CachePair<Key, Value> & { readonly buses: readonly TestBus[] }> {
  const clock = testClock();
  const buses = testBuses(2);
  const [bus, otherBus] = buses as [TestBus, TestBus];
  // Seeded alike, as an app's test may do.
  const one = await block.open(testOpening({ clock, engines: { bus } }));
  const other = await block.open(testOpening({ clock, engines: { bus: otherBus } }));
  return {
    one: one.handle,
    other: other.handle,
    clock,
    buses,
    heard: () => bus.delivered(),
    transaction: async (run) => {
      const { tx, commit, rollback } = testTransaction();
      try {
        await run(tx);
      } catch (error) {
        rollback();
        throw error;
      }
      commit();
    },
    cut: async () => otherBus.cut(),
    mend: async () => {
      otherBus.mend(outcome);
      await otherBus.delivered();
    },
    close: async () => {
      await one.close?.();
      await other.close?.();
    },
  };
}

cacheContract("a bus in memory that replays what was missed", (block) => openPair(block, "replayed"));
cacheContract("a bus in memory that loses what was missed", (block) => openPair(block, "lost"));

describe("two instances", () => {
  const Tagged = z.object({ tag: z.string() });
  const options = { ttl: "1m", tags: (value: { tag: string }) => [value.tag] } as const;

  it("count what they told and heard", async () => {
    const { one, other, heard } = await openPair(cache(Tagged, options), "lost");
    await one.delete("a", "b");
    await one.deleteTagged("t");
    await one.delete();
    await heard();
    expect(one.stats()).toMatchObject({ deletionsSent: 3, deletionsReceived: 0 });
    expect(other.stats()).toMatchObject({ deletionsSent: 0, deletionsReceived: 3, flushes: 0 });
  });

  it("forget everything when messages may have been missed for good", async () => {
    const { one, other, cut, mend } = await openPair(cache(Tagged, options), "lost");
    await other.put("a", { tag: "t" });
    await cut();
    await mend();
    expect(await other.get("a")).toBeUndefined();
    expect(other.stats().flushes).toBe(1);
    expect(one.stats().flushes).toBe(0);
  });

  it("of two releases hear each other's deletions, and mistrust each other's tags", async () => {
    const [bus, newBus] = testBuses(2) as [TestBus, TestBus];
    const oldRelease = await cache(Tagged, options).open(testOpening({ engines: { bus } }));
    const NewShape = Tagged.extend({ size: z.number() });
    const newRelease = await cache(NewShape, options).open(testOpening({ engines: { bus: newBus } }));
    await newRelease.handle.put("a", { tag: "t", size: 1 });
    await newRelease.handle.put("b", { tag: "u", size: 1 });
    await oldRelease.handle.delete("a");
    await bus.delivered();
    expect(await newRelease.handle.get("a")).toBeUndefined();
    expect(await newRelease.handle.get("b")).toBeDefined();
    await oldRelease.handle.deleteTagged("t");
    await bus.delivered();
    expect(await newRelease.handle.get("b")).toBeUndefined();
  });

  it("forget everything on a message that they cannot read", async () => {
    const { one, buses, heard } = await openPair(cache(Tagged, options), "lost");
    await heard();
    await one.put("a", { tag: "t" });
    for (const strange of ["not json", "{}", '{"keys":"a"}']) {
      await one.put("a", { tag: "t" });
      await buses[1]?.publish("cache:test.block", strange);
      await heard();
      expect(await one.get("a")).toBeUndefined();
    }
  });

  it("no longer hear anything once closed", async () => {
    const { one, other, heard, close } = await openPair(cache(Tagged, options), "lost");
    await close();
    await one.delete("a");
    await heard();
    expect(other.stats().deletionsReceived).toBe(0);
  });
});
