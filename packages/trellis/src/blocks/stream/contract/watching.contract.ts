import { expect, test } from "vitest";
import { event, group, numbered, recordsOf, type StreamTools, upTo } from "./stream-tools.contract.ts";

/** What is promised to whoever watches. */
export function watchingContract(tools: StreamTools): void {
  test("a consumer that is behind grows nothing but its lag: batches stay bounded in number and bytes", async () => {
    const log = await tools.open(tools.ground.instance("slow"), "slow", { partitions: 1 });
    const large = "x".repeat(200_000);
    for (const turn of upTo(6)) await log.append(upTo(10).map((each) => event("k", `${turn}.${each} ${large}`)));
    expect(await log.account("shop")).toMatchObject({ lag: 60 });
    const sizes: number[] = [];
    const serving = log.consume(group, async (batch) => {
      sizes.push(batch.bodies.reduce((sum, body) => sum + body.length, 0));
      const handled = recordsOf(batch).map((record) => ({ ...record, body: "0" }));
      await tools.ground.handle(batch.tx, "slow", handled);
    });
    await tools.untilHandled("slow", 60);
    await serving.stop();
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 1024 * 1024 + 210_000);
    expect(sizes.length).toBeGreaterThan(2);
  });

  test("the overview says what was appended, what lags, and who handles which partitions", async () => {
    const instance = tools.ground.instance("seen");
    const log = await tools.open(instance, "seen");
    await log.append(numbered(30));
    const serving = log.consume(group, tools.writing("seen"));
    await tools.untilHandled("seen", 30);
    await tools.untilMembers(log, 1);
    const all = await instance.engine.overview();
    expect(all.find(({ name }) => name === "seen")).toMatchObject({
      service: "shop",
      partitions: 4,
      appended: 30,
      oldestAt: expect.any(Number),
      outbox: 0,
      groups: [{ group: "shop", lag: 0, setAside: 0, members: [{ instance: "seen", partitions: [0, 1, 2, 3] }] }],
    });
    await serving.stop();
    expect((await log.overview()).groups[0]?.members).toEqual([]);
  });
}
