import { expect, test } from "vitest";
import { TrellisError } from "../../../model/errors.ts";
import { bodies, event, group, numbered, recordsOf, type StreamTools } from "./stream-tools.contract.ts";

/** What is promised to a handler that fails. */
export function failingContract(tools: StreamTools): void {
  test("nothing of a failed attempt is kept, and it is tried again", async () => {
    const log = await tools.open(tools.ground.instance("again"), "again");
    let attempts = 0;
    const serving = log.consume(group, async (batch) => {
      await tools.ground.handle(batch.tx, "again", recordsOf(batch));
      attempts += 1;
      if (attempts === 1) throw new RangeError("not this time");
    });
    await log.append([event("a", 0), event("a", 1)]);
    expect(bodies(await tools.untilHandled("again", 2))).toEqual([0, 1]);
    expect(attempts).toBe(2);
    await serving.stop();
  });

  test("a record that its handler puts aside is so in the batch's own transaction", async () => {
    const instance = tools.ground.instance("unfit");
    const log = await tools.open(instance, "unfit");
    const serving = log.consume(group, async (batch) => {
      for (const [index, record] of recordsOf(batch).entries())
        if (JSON.parse(record.body) % 2) batch.setAside(index, "odd");
        else await tools.ground.handle(batch.tx, "unfit", [record]);
    });
    await log.append(numbered(10));
    expect(bodies(await tools.untilHandled("unfit", 5))).toEqual([0, 2, 4, 6, 8]);
    const aside = await instance.engine.setAside({ stream: { service: "shop", name: "unfit" }, limit: 10 });
    expect(bodies(aside)).toEqual([1, 3, 5, 7, 9]);
    for (const { key, body, reason } of aside) expect({ key, reason }).toEqual({ key: `k${body}`, reason: "odd" });
    await serving.stop();
  });

  test("what fails because something is away is tried until it is back, and no event is blamed", async () => {
    const instance = tools.ground.instance("outage");
    const log = await tools.open(instance, "outage");
    let attempts = 0;
    const serving = log.consume({ ...group, retries: 0 }, async (batch) => {
      attempts += 1;
      if (attempts < 5) throw new TrellisError("unavailable");
      await tools.ground.handle(batch.tx, "outage", recordsOf(batch));
    });
    await log.append([event("a", 0), event("a", 1)]);
    await tools.untilHandled("outage", 2);
    expect(await log.account("shop")).toMatchObject({ lag: 0, setAside: 0 });
    await serving.stop();
  });
}
