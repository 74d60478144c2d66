import { beforeEach, describe, expect, it } from "vitest";
import { type TestBus, testBuses } from "./test-bus.ts";
import { testTransaction } from "./test-transaction.ts";

describe("the test bus", () => {
  let buses: readonly [TestBus, TestBus];
  let heard: string[];

  beforeEach(() => {
    buses = testBuses(2) as [TestBus, TestBus];
    heard = [];
    for (const [index, bus] of buses.entries())
      bus.subscribe("news", {
        receive: (message) => void heard.push(`${index}:${message}`),
        missed: () => void heard.push(`${index} missed`),
      });
  });

  it("tells every instance, the sender included, after publish has returned", async () => {
    const published = buses[0].publish("news", "a");
    expect(heard).toEqual([]);
    await published;
    await buses[0].delivered();
    expect(heard).toEqual(["0:a", "1:a"]);
  });

  it("keeps topics apart", async () => {
    await buses[0].publish("other news", "a");
    await buses[0].delivered();
    expect(heard).toEqual([]);
  });

  it("publishes with the commit, or not at all", async () => {
    const committed = testTransaction();
    const rolledBack = testTransaction();
    await buses[0].publish("news", "a", committed.tx);
    await buses[0].publish("news", "b", rolledBack.tx);
    await buses[0].delivered();
    expect(heard).toEqual([]);
    committed.commit();
    rolledBack.rollback();
    await buses[0].delivered();
    expect(heard).toEqual(["0:a", "1:a"]);
    expect(() => committed.commit()).toThrow("has ended");
  });

  it("replays what was published while it was cut off", async () => {
    buses[1].cut();
    await buses[0].publish("news", "a");
    await buses[1].publish("news", "b");
    await buses[0].delivered();
    expect(heard).toEqual(["0:a", "0:b"]);
    buses[1].mend();
    await buses[1].delivered();
    expect(heard).toEqual(["0:a", "0:b", "1:a", "1:b"]);
  });

  it("says that messages were missed when they are lost for good", async () => {
    buses[1].cut();
    await buses[0].publish("news", "a");
    buses[1].mend("lost");
    await buses[1].delivered();
    expect(heard).toEqual(["0:a", "1 missed"]);
  });

  it("tells nobody who no longer listens", async () => {
    const [bus] = buses;
    const stop = bus.subscribe("news", { receive: () => void heard.push("never"), missed: () => {} });
    stop();
    await bus.publish("news", "a");
    await bus.delivered();
    expect(heard).not.toContain("never");
  });
});
