import { expect, test } from "vitest";
import type { Log } from "../port.ts";
import { event, group, numbered, type StreamTools, upTo } from "./stream-tools.contract.ts";

/** What is promised to whoever appends. */
export function appendingContract(tools: StreamTools): void {
  test("offsets have no gap and no double, however many append at once", async () => {
    const [one, other] = [tools.ground.instance("one"), tools.ground.instance("other")];
    const logs = [await tools.open(one, "gapless"), await tools.open(other, "gapless")];
    await Promise.all(
      upTo(40).map((turn) => logs[turn % 2]?.append(numbered(1 + (turn % 7), turn * 10)) ?? Promise.resolve()),
    );
    const appended = (await (logs[0] as Log).overview()).appended;
    const serving = (logs[0] as Log).consume(group, tools.writing("gapless"));
    const handled = await tools.untilHandled("gapless", appended);
    await serving.stop();
    for (const partition of upTo(4)) {
      const offsets = handled.filter((each) => each.partition === partition).map(({ offset }) => Number(offset));
      expect(offsets).toEqual(upTo(offsets.length));
    }
  });

  test("events of one key are handled in the order in which they were appended, in a transaction or not", async () => {
    const instance = tools.ground.instance("order");
    const log = await tools.open(instance, "order");
    for (const turn of upTo(30))
      if (turn % 2 === 0) await log.append([event("same", turn * 2), event("same", turn * 2 + 1)]);
      else {
        await instance.transaction((tx) => log.appendIn(tx, [event("same", turn * 2), event("same", turn * 2 + 1)]));
        await expect.poll(async () => (await log.overview()).outbox).toBe(0);
      }
    const serving = log.consume({ ...group, batchMax: 7 }, tools.writing("order"));
    const handled = await tools.untilHandled("order", 60);
    await serving.stop();
    expect(handled.map(({ body }) => JSON.parse(body))).toEqual(upTo(60));
  });

  test("a batch from a spool is brought once, whoever brings it how often", async () => {
    const [one, other] = [tools.ground.instance("spool"), tools.ground.instance("spool too")];
    const logs = [await tools.open(one, "spooled"), await tools.open(other, "spooled")];
    await tools.ground.beginSpool("shop.spooled/1", "shop.spooled");
    const bring = (from: number, to: number, unlogged: number) =>
      Promise.all(
        logs.map((log) =>
          log.appendSpooled(numbered(to - from, from), { spool: "shop.spooled/1", from, to, unlogged }),
        ),
      );
    expect((await bring(0, 10, 0)).sort()).toEqual([false, true]);
    expect((await bring(10, 15, 0)).sort()).toEqual([false, true]);
    expect(await bring(0, 10, 0)).toEqual([false, false]);
    expect(await logs[0]?.account("shop")).toMatchObject({ spooled: 15, inSpools: 0, forwarded: 15, lag: 15 });
    // Two that were lost: the position moves on without them.
    const move = { spool: "shop.spooled/1", from: 15, to: 20, unlogged: 2 };
    expect(await logs[1]?.appendSpooled(numbered(3, 15), move)).toBe(true);
    expect(await logs[0]?.account("shop")).toMatchObject({ spooled: 20, inSpools: 0, forwarded: 18, unlogged: 2 });
  });

  test("the number of partitions is fixed: an app that declares another is told so", async () => {
    await tools.open(tools.ground.instance("four"), "fixed", { partitions: 4 });
    const five = tools.open(tools.ground.instance("five"), "fixed", { partitions: 5 });
    await expect(five).rejects.toMatchObject({ code: "invalid-app" });
  });
}
