import { expect, test } from "vitest";
import { bodies, dayMs, event, group, numbered, recordsOf, type StreamTools, upTo } from "./stream-tools.contract.ts";

/** What is promised of what is kept: for how long, and in which order of time. */
export function keepingContract(tools: StreamTools): void {
  test("a group can be moved back to an offset and to a time, and handles again from there", async () => {
    const instance = tools.ground.instance("replay");
    const log = await tools.open(instance, "replay", { partitions: 1 });
    const serving = log.consume(group, async (batch) => {
      // What is put aside says when it was appended.
      for (const [index, { body }] of recordsOf(batch).entries()) if (body === "10") batch.setAside(index, "its time");
      await tools.ground.handle(batch.tx, "replay", recordsOf(batch));
    });
    const stream = { service: "shop", name: "replay" };
    await log.append(numbered(10));
    tools.ground.shiftClock(60_000);
    await log.append(numbered(10, 10));
    await tools.untilHandled("replay", 20);
    await instance.engine.replay({ stream, group: "shop", from: { offset: 15n } });
    expect((await tools.untilHandled("replay", 25)).slice(20).map(({ body }) => JSON.parse(body))).toEqual([
      15, 16, 17, 18, 19,
    ]);
    const [tenth] = await instance.engine.setAside({ stream, limit: 1 });
    await instance.engine.replay({ stream, group: "shop", from: { time: (tenth?.at ?? 0) - 1 } });
    expect(bodies((await tools.untilHandled("replay", 35)).slice(25))).toEqual(upTo(20).slice(10));
    await instance.engine.replay({ stream, group: "shop", from: { offset: 10_000n } });
    expect(await log.account("shop")).toMatchObject({ lag: 0 });
    await serving.stop();
    const nobody = instance.engine.replay({ stream, group: "nobody", from: { time: 0 } });
    await expect(nobody).rejects.toMatchObject({ code: "invalid-input" });
  });

  test("days that were kept long enough are dropped, handled or not; the rest stays", async () => {
    const instance = tools.ground.instance("keep");
    const settings = { partitions: 1, keepForMs: 2 * dayMs };
    const log = await tools.open(instance, "keep", settings);
    for (const day of upTo(4)) {
      await log.append([event("k", day)]);
      tools.ground.shiftClock(dayMs);
    }
    expect(await log.overview()).toMatchObject({ appended: 4, groups: [] });
    const fresh = tools.ground.instance("keep too");
    const again = await tools.open(fresh, "keep", settings);
    await expect.poll(async () => (await again.account("shop")).lag).toBe(2);
    const serving = again.consume(group, tools.writing("keep"));
    expect((await tools.untilHandled("keep", 2)).map(({ body, offset }) => [body, offset])).toEqual([
      ["2", 2n],
      ["3", 3n],
    ]);
    await serving.stop();
  });

  timeContract(tools);
}

/** The times of events never go backwards. */
function timeContract(tools: StreamTools): void {
  test("a clock that was set back takes no event back in time", async () => {
    const instance = tools.ground.instance("clock");
    const log = await tools.open(instance, "clock", { partitions: 1 });
    await log.append([event("k", 0)]);
    tools.ground.shiftClock(-3 * dayMs);
    await log.append([event("k", 1)]);
    tools.ground.shiftClock(3 * dayMs);
    const serving = log.consume(group, async (batch) => {
      for (const index of batch.bodies.keys()) batch.setAside(index, "its time");
      await tools.writing("clock")(batch);
    });
    await tools.untilHandled("clock", 2);
    const stream = { service: "shop", name: "clock" };
    const [second, first] = await instance.engine.setAside({ stream, limit: 2 });
    expect([first?.body, second?.body]).toEqual(["0", "1"]);
    expect(second?.at).toBeGreaterThanOrEqual(first?.at ?? Number.POSITIVE_INFINITY);
    await serving.stop();
  });
}
