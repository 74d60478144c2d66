import { afterAll, beforeAll, expect, test } from "vitest";
import { type EdgeWorld, openEdgeWorld } from "./edge-world.contract.ts";

let world: EdgeWorld;
beforeAll(async () => {
  world = await openEdgeWorld();
});
afterAll(() => world.close());

let paths = 0;
const newPath = () => `/of-its-own/${++paths}`;
const url = (path: string) => `http://${world.authority}${path}`;

async function kept(...headers: readonly string[]) {
  const path = newPath();
  world.script(path, { headers: ["cache-control", "max-age=100", ...headers] });
  await world.ask(path);
  return path;
}

async function isKept(path: string) {
  const before = world.asked(path);
  await world.ask(path);
  return world.asked(path) === before;
}

test("what is purged by its address is asked for again, with all its variants, and nothing else", async () => {
  const [gone, other] = [await kept("vary", "x-kind"), await kept()];
  await world.ask(gone, { headers: { "x-kind": "b" } });
  expect(world.edge.purge({ url: url(gone) })).toBe(2);
  expect([await isKept(gone), await isKept(other)]).toEqual([false, true]);
});

test("what is purged by a tag is asked for again, whichever header told its tags", async () => {
  const [a, b, other] = [
    await kept("cache-tag", "red, blue"),
    await kept("surrogate-key", "green blue"),
    await kept("cache-tag", "red"),
  ];
  expect(world.edge.purge({ tag: "blue" })).toBe(2);
  expect([await isKept(a), await isKept(b), await isKept(other)]).toEqual([false, false, true]);
  expect(world.edge.purge({ tag: "unknown" })).toBe(0);
});

test("a purge of one service leaves the others'", async () => {
  const path = await kept("cache-tag", "yellow");
  expect(world.edge.purge({ tag: "yellow", service: "another" })).toBe(0);
  expect(world.edge.purge({ all: true, service: "another" })).toBe(0);
  expect(await isKept(path)).toBe(true);
  expect(world.edge.purge({ tag: "yellow", service: "shop" })).toBe(1);
});

test("a purge of all leaves nothing and no bytes", async () => {
  await kept("cache-tag", "red");
  world.edge.purge({ all: true });
  expect(world.edge.figures()).toMatchObject({ entries: 0, bytes: 0 });
});

test("an address that is none purges nothing", () => {
  expect(world.edge.purge({ url: "not an address" })).toBe(0);
});

test("what was asked for before a purge is not kept after it, nor waited for", async () => {
  for (const purge of [
    (path: string) => ({ url: url(path) }),
    () => ({ tag: "red" }),
    () => ({ all: true }) as const,
  ]) {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    const headers = ["cache-control", "max-age=100", "cache-tag", "red"];
    world.script(path, { headers, body: "old", until: gate.promise }, { headers, body: "new" });
    const before = world.asks.length;
    const slow = world.ask(path);
    await world.whenAsked(before + 1);
    world.edge.purge(purge(path));
    expect((await world.ask(path)).body).toBe("new");
    gate.resolve();
    expect((await slow).body).toBe("old");
    expect((await world.ask(path)).body).toBe("new");
    expect(world.asked(path)).toBe(2);
  }
});

test("a purge of another tag does not keep an answer from being kept", async () => {
  const path = newPath();
  const gate = Promise.withResolvers<void>();
  world.script(path, { headers: ["cache-control", "max-age=100", "cache-tag", "red"], until: gate.promise });
  const before = world.asks.length;
  const slow = world.ask(path);
  await world.whenAsked(before + 1);
  world.edge.purge({ tag: "blue" });
  gate.resolve();
  await slow;
  expect(await isKept(path)).toBe(true);
});

test("a 304 that comes after a purge does not bring back what was purged", async () => {
  const path = newPath();
  const gate = Promise.withResolvers<void>();
  const headers = ["cache-control", "max-age=1", "etag", '"1"', "cache-tag", "red"];
  world.script(path, { headers, body: "old" }, { status: 304, headers, until: gate.promise }, { headers, body: "new" });
  await world.ask(path);
  await world.clock.advance(2_000);
  const before = world.asks.length;
  const slow = world.ask(path);
  await world.whenAsked(before + 1);
  world.edge.purge({ tag: "red" });
  gate.resolve();
  expect((await slow).body).toBe("old");
  expect((await world.ask(path)).body).toBe("new");
});

test("hits, misses and stale answers are counted by route, where the answer names one, and the name stays inside", async () => {
  const path = newPath();
  const headers = ["cache-control", "max-age=1", "etag", '"1"', "trellis-edge-route", "GET /of-its-own/:id"];
  world.script(path, { headers }, { status: 304, headers });
  const answers = [await world.ask(path), await world.ask(path)];
  await world.clock.advance(2_000);
  answers.push(await world.ask(path), await world.ask(path), await world.ask(path, { method: "HEAD" }));
  expect(answers.some((answer) => "trellis-edge-route" in answer.headers)).toBe(false);
  const counts = world.edge.figures().routes.find(({ route }) => route === "shop GET /of-its-own/:id");
  expect(counts).toEqual({ route: "shop GET /of-its-own/:id", hits: 3, misses: 1, stale: 1, events: 0 });
});
