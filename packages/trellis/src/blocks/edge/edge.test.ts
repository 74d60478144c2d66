import { expect, test } from "vitest";
import { purgeBytesMax } from "../../frames/limits.ts";
import type { Purge } from "../../model/purge.ts";
import { type TestBus, testBuses } from "../../testing/test-bus.ts";
import { testOpening } from "../../testing/test-opening.ts";
import { testTransaction } from "../../testing/test-transaction.ts";
import { edge } from "./edge.ts";
import { openEdgeEngine } from "./open-edge-engine.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Two instances of a service, with what each tells its gateways, and what the first has done itself. */
async function twoInstances() {
  const buses = testBuses(2) as [TestBus, TestBus];
  const done: Purge[] = [];
  const told: [Purge[], Purge[]] = [[], []];
  const engines = buses.map((bus, index) => {
    const engine = openEdgeEngine({ bus, ...(index === 0 ? { onPurge: (purge) => done.push(purge) } : {}) });
    engine.listen((purge) => told[index as 0 | 1].push(purge));
    return engine;
  });
  const { handle } = await edge().open(testOpening({ service: "links", engines: { edge: engines[0] } }));
  return { buses, engines, handle, done, told, delivered: () => buses[0].delivered() };
}

test("a purge reaches the gateways of every instance, for the answers of its own service", async () => {
  const { handle, told, delivered } = await twoInstances();
  await handle.purge("a", "b");
  await handle.purgeUrl("https://go.example/a?b=1");
  await handle.purgeAll();
  await delivered();
  const all = [
    { tag: "a", service: "links" },
    { tag: "b", service: "links" },
    { url: "https://go.example/a?b=1" },
    { all: true, service: "links" },
  ];
  expect(told).toEqual([all, all]);
});

test("a tag is named as answers name it, whatever is in it", async () => {
  const { handle, done } = await twoInstances();
  await handle.purge("a, b", "größe");
  expect(done).toEqual([
    { tag: "a%2C%20b", service: "links" },
    { tag: "gr%C3%B6%C3%9Fe", service: "links" },
  ]);
});

test("in a transaction it takes effect with the commit, and never after a rollback", async () => {
  const { handle, done, told, delivered } = await twoInstances();
  const [kept, dropped] = [testTransaction(), testTransaction()];
  await handle.in(kept.tx).purge("a");
  await handle.in(dropped.tx).purge("b");
  await delivered();
  expect([done, ...told]).toEqual([[], [], []]);
  kept.commit();
  dropped.rollback();
  await delivered();
  const a = [{ tag: "a", service: "links" }];
  expect([done, ...told]).toEqual([a, a, a]);
});

test("gateways hear of it in the turn in which caches hear: nothing is answered in between", async () => {
  const { buses, handle, told } = await twoInstances();
  const heard: string[] = [];
  for (const bus of buses) bus.subscribe("cache", { receive: () => heard.push("a cache"), missed: () => undefined });
  const { tx, commit } = testTransaction();
  await handle.in(tx).purge("a");
  await buses[0].publish("cache", "forget a", tx);
  const nextTurn = turn().then(() => [...heard, ...told.flat()].length);
  commit();
  expect(await nextTurn).toBe(4);
});

test("an instance that may have missed one, or cannot read it, has everything purged", async () => {
  const { buses, handle, told, delivered } = await twoInstances();
  buses[1].cut();
  await handle.purge("a");
  buses[1].mend("lost");
  await delivered();
  await buses[0].publish("edge", '{"prefix":"/a"}');
  await delivered();
  expect(told[1]).toEqual([{ all: true }, { all: true }]);
});

test("what no answer can have is refused by name", async () => {
  const { engines, handle, done } = await twoInstances();
  for (const tag of ["", "a".repeat(1_025)])
    await expect(handle.purge("good", tag)).rejects.toMatchObject({ code: "invalid-input" });
  for (const url of ["/a", "go.example/a", "ftp://go.example/a", "https://", `https://a.example/${"a".repeat(9_000)}`])
    await expect(handle.purgeUrl(url), url).rejects.toMatchObject({ code: "invalid-input" });
  await expect(engines[0]?.purge({ tag: "ä".repeat(purgeBytesMax / 2) })).rejects.toMatchObject({
    code: "invalid-input",
  });
  expect(done).toEqual([]);
});

test("an instance that has closed tells nobody anything", async () => {
  const { engines, handle, told, delivered } = await twoInstances();
  engines[1]?.close();
  await handle.purge("a");
  await delivered();
  expect(told.map(({ length }) => length)).toEqual([1, 0]);
});
