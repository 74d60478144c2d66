import { describe, expect, it } from "vitest";
import { z } from "zod";
import { testBus } from "../../testing/test-bus.ts";
import { testOpening } from "../../testing/test-opening.ts";
import { testTransaction } from "../../testing/test-transaction.ts";
import { type Cache, cache } from "./cache.ts";

const Row = z.object({ version: z.number() });
type Row = z.infer<typeof Row>;

async function openRows(): Promise<{ here: Cache<string, Row>; there: Cache<string, Row>; heard(): Promise<void> }> {
  const bus = testBus();
  const block = cache(Row, { ttl: "1m", tags: () => ["rows"] });
  const here = await block.open(testOpening({ engines: { bus } }));
  const there = await block.open(testOpening({ engines: { bus: bus.peer() } }));
  return { here: here.handle, there: there.handle, heard: () => bus.delivered() };
}

describe("what is done in a transaction", () => {
  it("counts in the order in which it was done: what comes last holds", async () => {
    const { here } = await openRows();
    const { tx, commit } = testTransaction();
    await here.in(tx).delete("a", "b");
    await here.in(tx).put("a", { version: 1 });
    await here.in(tx).put("a", { version: 2 });
    await here.in(tx).put("b", { version: 1 });
    await here.in(tx).delete("b");
    commit();
    expect(await here.get("a")).toEqual({ version: 2 });
    expect(await here.get("b")).toBeUndefined();
  });

  it("does not put what it deleted by tag afterwards", async () => {
    const { here } = await openRows();
    const { tx, commit } = testTransaction();
    await here.in(tx).put("a", { version: 1 });
    await here.in(tx).deleteTagged("rows");
    await here.in(tx).put("b", { version: 1 });
    commit();
    expect(await here.get("a")).toBeUndefined();
    expect(await here.get("b")).toEqual({ version: 1 });
  });

  it("does not put what someone else deleted before the commit, which may be newer", async () => {
    const { here, there, heard } = await openRows();
    const { tx, commit } = testTransaction();
    await here.in(tx).put("a", { version: 1 });
    await there.put("a", { version: 2 });
    await heard();
    commit();
    expect(await here.get("a")).toBeUndefined();
  });

  it("counts as sent when it was published", async () => {
    const { here, there, heard } = await openRows();
    const { tx, commit } = testTransaction();
    await here.in(tx).delete("a", "b");
    await here.in(tx).delete();
    commit();
    await heard();
    expect(here.stats().deletionsSent).toBe(2);
    expect(there.stats().deletionsReceived).toBe(2);
  });

  it("must fit the schema", async () => {
    const { here } = await openRows();
    const { tx } = testTransaction();
    const wrong = { version: "1" } as unknown as Row;
    await expect(here.in(tx).put("a", wrong)).rejects.toMatchObject({ code: "internal" });
  });
});
