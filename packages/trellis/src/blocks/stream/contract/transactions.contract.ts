import { expect, test } from "vitest";
import { bodies, event, group, numbered, type StreamTools, upTo } from "./stream-tools.contract.ts";

/** What is promised to whoever appends in a transaction. */
export function transactionsContract(tools: StreamTools): void {
  test("what was appended in a transaction is there after its commit, and never after a rollback", async () => {
    const instance = tools.ground.instance("tx");
    const log = await tools.open(instance, "tx");
    const serving = log.consume(group, tools.writing("tx"));
    const rolledBack = instance.transaction(async (tx) => {
      await log.appendIn(tx, numbered(3, 100));
      throw new RangeError("changed my mind");
    });
    await expect(rolledBack).rejects.toThrow("changed my mind");
    await instance.transaction((tx) => log.appendIn(tx, numbered(3)));
    expect(bodies(await tools.untilHandled("tx", 3))).toEqual([0, 1, 2]);
    await serving.stop();
    expect(await log.overview()).toMatchObject({ appended: 3, outbox: 0 });
  });

  test("an append that forgets the transaction open around it throws", async () => {
    const instance = tools.ground.instance("forgot");
    const log = await tools.open(instance, "forgot");
    const forgot = instance.transaction(() => log.append(numbered(1)));
    await expect(forgot).rejects.toMatchObject({ code: "outside-transaction" });
    expect(await log.overview()).toMatchObject({ appended: 0 });
  });

  test("a transaction that commits late is not skipped, and nobody waits for it", async () => {
    const [instance, other] = [tools.ground.instance("late"), tools.ground.instance("late too")];
    const log = await tools.open(instance, "late");
    const otherLog = await tools.open(other, "late");
    const serving = log.consume(group, tools.writing("late"));
    await other.transaction(async (tx) => {
      await otherLog.appendIn(tx, [event("late", 0), event("late", 21)]);
      for (const turn of upTo(20))
        if (turn % 2 === 0) await log.append([event("soon", turn + 1)]);
        else await instance.transaction((soon) => log.appendIn(soon, [event("soon", turn + 1)]));
      await tools.untilHandled("late", 20);
    });
    expect(bodies(await tools.untilHandled("late", 22))).toEqual(upTo(22));
    await serving.stop();
  });

  test("what a dead instance had committed is moved by another", async () => {
    const [dying, other] = [tools.ground.instance("dying"), tools.ground.instance("survivor")];
    const dyingLog = await tools.open(dying, "orphans");
    const log = await tools.open(other, "orphans");
    await dying.engine.close();
    await dying.transaction((tx) => dyingLog.appendIn(tx, numbered(5)));
    const serving = log.consume(group, tools.writing("orphans"));
    expect(bodies(await tools.untilHandled("orphans", 5))).toEqual(upTo(5));
    await serving.stop();
  });
}
