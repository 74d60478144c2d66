import { expect, test } from "vitest";
import { event, group, recordsOf, type StreamTools, upTo } from "./stream-tools.contract.ts";

/** What is promised of an event that its handler never manages. */
export function poisonContract(tools: StreamTools): void {
  test("an event that its handler never manages is set aside, with the reason, and its partition goes on", async () => {
    const instance = tools.ground.instance("poison");
    const log = await tools.open(instance, "poison");
    let isMended = false;
    const serving = log.consume(group, async (batch) => {
      if (!isMended && batch.bodies.some((body) => body === "13" || body === "17")) throw new RangeError("unlucky");
      await tools.ground.handle(batch.tx, "poison", recordsOf(batch));
    });
    await log.append(upTo(40).map((number) => event("one key", number)));
    const handled = await tools.untilHandled("poison", 38);
    expect(handled.map(({ body }) => JSON.parse(body))).toEqual(upTo(40).filter((each) => each !== 13 && each !== 17));
    const stream = { service: "shop", name: "poison" };
    const aside = await instance.engine.setAside({ stream, limit: 10 });
    expect(aside).toMatchObject([
      { stream, group: "shop", body: "17", key: "one key", reason: "RangeError: unlucky", retrying: false },
      { body: "13" },
    ]);
    expect(await log.account("shop")).toMatchObject({ lag: 0, setAside: 2 });
    const next = await instance.engine.setAside({ stream, limit: 10, before: aside[0]?.id ?? "" });
    expect(next.map(({ body }) => body)).toEqual(["13"]);

    expect(await instance.engine.retrySetAside([String(aside[0]?.id)])).toBe(1);
    await expect.poll(async () => (await instance.engine.setAside({ stream, limit: 1 }))[0]?.retrying).toBe(false);
    isMended = true;
    expect(await instance.engine.retrySetAside([String(aside[0]?.id)])).toBe(1);
    expect((await tools.untilHandled("poison", 39)).at(-1)).toMatchObject({ body: "17" });
    expect(await instance.engine.dropSetAside(aside.map(({ id }) => id))).toBe(1);
    expect(await log.account("shop")).toMatchObject({ lag: 0, setAside: 0 });
    await serving.stop();
  });
}
