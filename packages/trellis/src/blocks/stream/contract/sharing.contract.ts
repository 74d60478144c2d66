import { expect, test } from "vitest";
import { bodies, group, numbered, type StreamTools, upTo } from "./stream-tools.contract.ts";

/** What is promised to instances that consume together. */
export function sharingContract(tools: StreamTools): void {
  test("while consumers come and go under load, no event is lost or repeated in effect, and keys keep their order", async () => {
    const producer = tools.ground.instance("producer");
    const log = await tools.open(producer, "rebalance", { partitions: 6 });
    const serveOn = async (name: string) => {
      const joined = await tools.open(tools.ground.instance(name), "rebalance", { partitions: 6 });
      return joined.consume({ ...group, batchMax: 50 }, tools.writing("rebalance"));
    };
    let appended = 0;
    const append = async (count: number): Promise<void> => {
      for (const _ of upTo(count)) {
        await log.append(numbered(50, appended));
        appended += 50;
      }
    };
    const first = await serveOn("first");
    const load = append(60);
    const second = await serveOn("second");
    const third = await serveOn("third");
    await expect.poll(async () => (await tools.membersOf(log)).size, { timeout: 10_000 }).toBe(3);
    await second.stop();
    await load;
    await first.stop();
    await append(5);
    const handled = await tools.untilHandled("rebalance", appended);
    await third.stop();
    expect(bodies(handled)).toEqual(upTo(appended));
    for (const partition of upTo(6)) {
      const offsets = handled.filter((each) => each.partition === partition).map(({ offset }) => Number(offset));
      expect(offsets).toEqual(upTo(offsets.length));
    }
  });

  test("members share the partitions, and those of one that died are taken over", async () => {
    const log = await tools.open(tools.ground.instance("heir"), "heir");
    const doomed = await tools.ground.fakeMember("heir");
    const serving = log.consume(group, tools.writing("heir"));
    await expect
      .poll(async () => [...(await tools.membersOf(log)).values()].map((partitions) => partitions.length))
      .toEqual([2, 2]);
    await log.append(numbered(200));
    await expect.poll(async () => (await tools.ground.handled("heir")).length).toBeGreaterThan(0);
    const held = 200 - (await tools.settledCount("heir"));
    expect(held).toBeGreaterThan(0);
    await doomed.die();
    expect(bodies(await tools.untilHandled("heir", 200))).toEqual(upTo(200));
    await serving.stop();
  });

  test("without any wake events are handled all the same", async () => {
    const instance = tools.ground.instance("deaf");
    const log = await tools.open(instance, "deaf");
    tools.ground.cutWakes(true);
    try {
      const serving = log.consume(group, tools.writing("deaf"));
      await log.append(numbered(10));
      await tools.untilHandled("deaf", 10);
      await instance.transaction((tx) => log.appendIn(tx, numbered(10, 10)));
      expect(bodies(await tools.untilHandled("deaf", 20))).toEqual(upTo(20));
      await serving.stop();
    } finally {
      tools.ground.cutWakes(false);
    }
  });
}
