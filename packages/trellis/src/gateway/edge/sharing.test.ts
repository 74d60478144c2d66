import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EdgeWorld, openEdgeWorld } from "./edge-world.contract.ts";

let world: EdgeWorld;
beforeAll(async () => {
  world = await openEdgeWorld({ bodyBytesMax: 100_000 });
});
afterAll(() => world.close());

let paths = 0;
const newPath = () => `/of-its-own/${++paths}`;
const fresh = ["cache-control", "max-age=100"];

/** So many requests while the origin thinks about the first, and their answers. */
async function together(
  path: string,
  count: number,
  gate: PromiseWithResolvers<void>,
  headers: (i: number) => Record<string, string> = () => ({}),
) {
  const before = world.asks.length;
  const first = world.ask(path, { headers: headers(0) });
  await world.whenAsked(before + 1);
  const others = Array.from({ length: count - 1 }, (_, i) => world.ask(path, { headers: headers(i + 1) }));
  await expect.poll(() => world.edge.figures().waiting).toBe(count);
  gate.resolve();
  return Promise.all([first, ...others]);
}

describe("asking once for all", () => {
  test("RFC 9111 §4: a hundred who ask the same at once are answered by one request", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    world.script(path, { headers: fresh, body: "one for all", until: gate.promise });
    const answers = await together(path, 100, gate);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(["200 one for all"]));
    expect(world.asked(path)).toBe(1);
    expect(answers.map(({ headers }) => headers["cache-status"]).sort()[0]).toBe("trellis; fwd=uri-miss; stored");
    expect(answers.filter(({ headers }) => headers["cache-status"]?.endsWith("; collapsed"))).toHaveLength(99);
  });

  test("one who comes while it is on its way gets all of it", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    world.script(path, { headers: fresh, body: "first half, second half", halfUntil: gate.promise });
    const before = world.asks.length;
    const first = world.ask(path);
    await world.whenAsked(before + 1);
    const second = world.ask(path);
    await expect.poll(() => world.edge.figures().waiting).toBe(2);
    gate.resolve();
    expect([(await first).body, (await second).body]).toEqual(["first half, second half", "first half, second half"]);
    expect(world.asked(path)).toBe(1);
  });

  test("RFC 9111 §5.2.2.7: what is not for all is given only to the one for whom it was made", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    const mine = (body: string) => ({ headers: ["cache-control", "private"], body });
    world.script(path, { ...mine("1"), until: gate.promise }, mine("2"), mine("3"));
    const answers = await together(path, 3, gate);
    expect(answers.map(({ body }) => body).sort()).toEqual(["1", "2", "3"]);
  });

  test("RFC 9111 §5.2.2.7: nor does one who waits inherit it when that one leaves", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    world.script(
      path,
      { headers: ["cache-control", "private"], body: "Anna's", until: gate.promise },
      { headers: ["cache-control", "private"], body: "Ben's" },
    );
    const before = world.asks.length;
    const leaving = new AbortController();
    const anna = world.ask(path, { headers: { cookie: "anna" }, signal: leaving.signal }).catch(() => "left");
    await world.whenAsked(before + 1);
    const ben = world.ask(path, { headers: { cookie: "ben" } });
    await expect.poll(() => world.edge.figures().waiting).toBe(2);
    leaving.abort();
    expect(await anna).toBe("left");
    await expect.poll(() => world.edge.figures().waiting).toBe(1);
    gate.resolve();
    expect((await ben).body).toBe("Ben's");
    expect(world.asks.at(-1)?.headers.cookie).toBe("ben");
  });

  test("after an answer that was not for all nobody waits for the next", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    world.script(path, { headers: ["cache-control", "private"], until: gate.promise });
    await together(path, 2, gate);
    const before = world.asks.length;
    const later = Promise.withResolvers<void>();
    world.script(path, { headers: ["cache-control", "private"], until: later.promise });
    const both = [world.ask(path), world.ask(path)];
    await world.whenAsked(before + 2);
    later.resolve();
    await Promise.all(both);
    expect(world.asks.length).toBe(before + 2);
  });

  test("RFC 9111 §4.1: those for whom it varies ask for themselves", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    const headers = [...fresh, "vary", "x-kind"];
    world.script(path, { headers, body: "A", until: gate.promise }, { headers, body: "B" });
    const answers = await together(path, 3, gate, (i) => ({ "x-kind": i === 1 ? "b" : "a" }));
    expect(answers.map(({ body }) => body)).toEqual(["A", "B", "A"]);
    expect(world.asked(path)).toBe(2);
  });

  test("when the first one leaves, those who wait still get the answer of the same request", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    world.script(path, { headers: fresh, body: "for whoever is left", until: gate.promise });
    const before = world.asks.length;
    const leaving = new AbortController();
    const first = world.ask(path, { signal: leaving.signal }).catch(() => "left");
    await world.whenAsked(before + 1);
    const second = world.ask(path);
    await expect.poll(() => world.edge.figures().waiting).toBe(2);
    leaving.abort();
    await first;
    gate.resolve();
    expect((await second).body).toBe("for whoever is left");
    expect(world.asked(path)).toBe(1);
  });

  test("when all have left, the origin's answer is not awaited", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    world.script(path, { headers: fresh, until: gate.promise });
    const before = world.asks.length;
    const leaving = new AbortController();
    const only = world.ask(path, { signal: leaving.signal }).catch(() => "left");
    await world.whenAsked(before + 1);
    leaving.abort();
    await only;
    await expect.poll(() => world.edge.figures().waiting).toBe(0);
    gate.resolve();
    world.script(path, { headers: fresh, body: "next" });
    expect((await world.ask(path)).body).toBe("next");
  });

  test("when the origin fails, all who wait are told, and it is not asked once for each", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    world.script(path, { cut: "head", until: gate.promise });
    const answers = await together(path, 20, gate);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([502]));
    expect(world.asked(path)).toBe(1);
  });

  test("RFC 9111 §4.3: a hundred who want the same stale answer have it asked about once", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    const headers = ["cache-control", "max-age=1", "etag", '"1"'];
    world.script(path, { headers, body: "kept" }, { status: 304, headers, until: gate.promise });
    await world.ask(path);
    await world.clock.advance(2_000);
    const answers = await together(path, 100, gate);
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(["kept"]));
    expect(world.asked(path)).toBe(2);
  });

  test("RFC 9111 §4.1: those for whom it varies since it was asked about ask for themselves", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    const headers = ["cache-control", "max-age=1", "etag", '"1"'];
    const varied = [...headers, "vary", "x-kind"];
    world.script(
      path,
      { headers, body: "A" },
      { status: 304, headers: varied, until: gate.promise },
      { headers: varied, body: "B" },
    );
    await world.ask(path);
    await world.clock.advance(2_000);
    const answers = await together(path, 3, gate, (i) => ({ "x-kind": i === 1 ? "b" : "a" }));
    expect(answers.map(({ body }) => body)).toEqual(["A", "B", "A"]);
    expect(world.asked(path)).toBe(3);
  });
});

describe("what is too large to keep", () => {
  const large = "x".repeat(300_000);

  test("an answer that says that it is too large is passed on and not kept", async () => {
    const path = newPath();
    world.script(path, { headers: fresh, body: large });
    expect((await world.ask(path)).body).toBe(large);
    expect((await world.ask(path)).body).toBe(large);
    expect(world.asked(path)).toBe(2);
  });

  test("one that turns out too large is passed on to all who wait, and not kept", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    world.script(path, { headers: fresh, body: large, chunked: true, until: gate.promise });
    const answers = await together(path, 5, gate);
    expect(answers.every(({ body }) => body === large)).toBe(true);
    expect([world.asked(path), world.edge.figures().filling]).toEqual([1, 0]);
    await world.ask(path);
    expect(world.asked(path)).toBe(2);
  });
});
