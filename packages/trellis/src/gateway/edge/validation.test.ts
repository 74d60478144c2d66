import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EdgeWorld, type OriginReply, openEdgeWorld } from "./edge-world.contract.ts";

let world: EdgeWorld;
beforeAll(async () => {
  world = await openEdgeWorld();
});
afterAll(() => world.close());

let paths = 0;
const newPath = () => `/of-its-own/${++paths}`;
const lastAsk = () => world.asks.at(-1)?.headers ?? {};

/** Has an answer stored that is fresh for ten seconds, and lets it get stale. */
async function stale(reply: OriginReply, next: OriginReply, seconds = 11) {
  const path = newPath();
  world.script(path, { body: "old", ...reply }, next);
  await world.ask(path);
  await world.clock.advance(seconds * 1_000);
  return path;
}

const etag = ["cache-control", "max-age=10", "etag", '"1"'];

describe("asking whether it still holds", () => {
  test("RFC 9111 §4.3.1: a stale answer's validators go to the origin, and its 304 makes it fresh again", async () => {
    const modified = world.date(-60);
    const path = await stale({ headers: [...etag, "last-modified", modified] }, { status: 304, headers: etag });
    const again = await world.ask(path);
    expect(lastAsk()).toMatchObject({ "if-none-match": '"1"', "if-modified-since": modified });
    expect([again.status, again.body, again.headers["cache-status"]]).toEqual([
      200,
      "old",
      "trellis; fwd=stale; fwd-status=304; stored",
    ]);
    expect((await world.ask(path)).headers["cache-status"]).toBe("trellis; hit; ttl=10");
  });

  test("RFC 9111 §4.3.4: headers of the 304 replace those that are kept, the others stay", async () => {
    const path = await stale(
      { headers: [...etag, "x-a", "1", "x-b", "1"] },
      { status: 304, headers: ["cache-control", "max-age=77", "x-a", "2", "etag", '"1"'] },
    );
    for (const again of [await world.ask(path), await world.ask(path)])
      expect(again.headers).toMatchObject({
        "x-a": "2",
        "x-b": "1",
        "cache-control": "max-age=77",
        "content-length": "3",
      });
  });

  test("RFC 9111 §4.3.4: a 304 about another answer updates nothing: the origin is asked for the whole", async () => {
    const path = newPath();
    const other = ["etag", '"2"', "cache-control", "max-age=10"];
    world.script(
      path,
      { headers: etag, body: "old" },
      { status: 304, headers: other },
      { headers: other, body: "new" },
    );
    await world.ask(path);
    await world.clock.advance(11_000);
    expect((await world.ask(path)).body).toBe("new");
    expect(lastAsk()["if-none-match"]).toBeUndefined();
  });

  test("RFC 9111 §4.3.3: a whole new answer takes the place of the old one", async () => {
    const path = await stale(
      { headers: etag },
      { headers: ["cache-control", "max-age=10", "etag", '"2"'], body: "new" },
    );
    expect([(await world.ask(path)).body, (await world.ask(path)).body, world.asked(path)]).toEqual(["new", "new", 2]);
  });

  test("RFC 9111 §5.2.2.4: no-cache is asked about each time", async () => {
    const headers = ["cache-control", "no-cache, max-age=100", "etag", '"1"'];
    const path = await stale({ headers }, { status: 304, headers }, 0);
    for (const _ of [1, 2]) expect((await world.ask(path)).body).toBe("old");
    expect(world.asked(path)).toBe(3);
  });

  test("RFC 9111 §4.3.1: what selected the answer goes along", async () => {
    const path = newPath();
    const headers = [...etag, "vary", "x-kind"];
    world.script(path, { headers }, { status: 304, headers });
    await world.ask(path, { headers: { "x-kind": "a" } });
    await world.clock.advance(11_000);
    await world.ask(path, { headers: { "x-kind": "a" } });
    expect(lastAsk()).toMatchObject({ "x-kind": "a", "if-none-match": '"1"' });
  });

  test("RFC 9111 §4.3.5: a HEAD with the same validators makes it fresh again, with its headers", async () => {
    const path = await stale({ headers: [...etag, "x-a", "1"] }, { headers: [...etag, "x-a", "2"], body: "old" });
    await world.ask(path, { method: "HEAD" });
    expect(await world.ask(path)).toMatchObject({ body: "old", headers: { "x-a": "2" } });
    expect(world.asked(path)).toBe(2);
  });

  test("RFC 9111 §4.3.5: a HEAD with others says that it holds no more", async () => {
    const path = await stale(
      { headers: etag },
      { headers: ["cache-control", "max-age=10", "etag", '"2"'], body: "new" },
    );
    await world.ask(path, { method: "HEAD" });
    expect((await world.ask(path)).body).toBe("new");
  });
});

describe("what an update says of Vary", () => {
  const kinds = { a: { headers: { "x-kind": "a" } }, b: { headers: { "x-kind": "b" } } };

  test("RFC 9111 §4.1: where a 304 names more, what it updates is for such requests from then on", async () => {
    const path = newPath();
    world.script(
      path,
      { headers: etag, body: "for a" },
      { status: 304, headers: [...etag, "vary", "x-kind"] },
      { headers: [...etag, "vary", "x-kind"], body: "for b" },
    );
    await world.ask(path, kinds.b);
    await world.clock.advance(11_000);
    await world.ask(path, kinds.a);
    expect((await world.ask(path, kinds.a)).headers["cache-status"]).toBe("trellis; hit; ttl=10");
    expect((await world.ask(path, kinds.b)).body).toBe("for b");
    expect([(await world.ask(path, kinds.a)).body, (await world.ask(path, kinds.b)).body]).toEqual(["for a", "for b"]);
    expect(world.asked(path)).toBe(3);
  });

  test("RFC 9111 §4.1: so it is where a HEAD names more", async () => {
    const path = newPath();
    world.script(path, { headers: etag }, { headers: [...etag, "vary", "x-kind"] });
    await world.ask(path);
    await world.clock.advance(11_000);
    await world.ask(path, { method: "HEAD", ...kinds.a });
    expect((await world.ask(path, kinds.a)).headers["cache-status"]).toBe("trellis; hit; ttl=10");
    expect((await world.ask(path, kinds.b)).headers["cache-status"]).toMatch(/fwd=vary-miss/);
  });

  test("RFC 9110 §12.5.5: what is kept compressed is not given to others, though a 304 leaves that out of Vary", async () => {
    const path = newPath();
    const vary = ["vary", "accept-encoding, origin"];
    world.script(
      path,
      { headers: [...etag, ...vary, "content-encoding", "br"], body: "compressed" },
      { status: 304, headers: [...etag, "vary", "origin"] },
      { headers: [...etag, ...vary], body: "plain" },
    );
    const asking = { headers: { "accept-encoding": "br" } };
    await world.ask(path, asking);
    await world.clock.advance(11_000);
    await world.ask(path, asking);
    const again = await world.ask(path, asking);
    expect([again.body, again.headers["cache-status"]]).toEqual(["compressed", "trellis; hit; ttl=10"]);
    expect((await world.ask(path)).body).toBe("plain");
  });

  test("RFC 9111 §4.3.5: a HEAD about another coding says nothing of what is kept", async () => {
    const path = newPath();
    world.script(path, { headers: etag }, { headers: ["etag", 'W/"1"', "content-encoding", "br"] });
    await world.ask(path);
    await world.clock.advance(11_000);
    await world.ask(path, { method: "HEAD" });
    world.script(path, { status: 304, headers: etag });
    expect((await world.ask(path)).headers["cache-status"]).toBe("trellis; fwd=stale; fwd-status=304; stored");
  });
});

describe("a client's own conditions", () => {
  async function kept(headers: readonly string[], reply: OriginReply = {}) {
    const path = newPath();
    world.script(path, { headers: ["cache-control", "max-age=100", ...headers], body: "kept", ...reply });
    await world.ask(path);
    return path;
  }

  test("RFC 9111 §4.3.2: a client that has it already is told so by the cache", async () => {
    const path = await kept(["etag", '"1"', "vary", "x-a", "content-type", "text/plain"]);
    const answer = await world.ask(path, { headers: { "if-none-match": 'W/"1", "2"' } });
    expect([answer.status, answer.body, world.asked(path)]).toEqual([304, "", 1]);
    expect(answer.headers).toMatchObject({ etag: '"1"', vary: "x-a", "cache-control": "max-age=100", age: "0" });
    expect(answer.headers["content-type"]).toBeUndefined();
  });

  test("RFC 9111 §4.3.2: one that has another gets the answer", async () => {
    const path = await kept(["etag", '"1"']);
    expect(await world.ask(path, { headers: { "if-none-match": '"2"' } })).toMatchObject({ status: 200, body: "kept" });
  });

  test("RFC 9110 §13.1.3: a client that has it since it was changed is told so", async () => {
    const path = await kept(["last-modified", world.date(-60)]);
    const since = async (seconds: number) =>
      (await world.ask(path, { headers: { "if-modified-since": world.date(seconds) } })).status;
    expect([await since(-60), await since(-10), await since(-61)]).toEqual([304, 304, 200]);
  });

  test("RFC 9110 §13.2.1: conditions mean nothing for an error", async () => {
    const path = await kept(["etag", '"1"'], { status: 404 });
    expect((await world.ask(path, { headers: { "if-none-match": '"1"' } })).status).toBe(404);
  });

  test("RFC 9110 §13.1.1: a condition that only the origin can judge goes to it", async () => {
    const path = await kept(["etag", '"1"']);
    const answer = await world.ask(path, { headers: { "if-match": '"2"' } });
    expect([world.asked(path), answer.headers["cache-status"]]).toEqual([2, "trellis; fwd=bypass"]);
  });

  test("RFC 9111 §4.3.2: without anything kept, a client's condition is the origin's to judge", async () => {
    const path = newPath();
    world.script(path, { status: 304, headers: ["etag", '"1"'] });
    expect((await world.ask(path, { headers: { "if-none-match": '"1"' } })).status).toBe(304);
    expect(lastAsk()["if-none-match"]).toBe('"1"');
  });

  test("RFC 9111 §4.3.2: a stale answer is asked about by its own validators, and the client's are judged then", async () => {
    const path = await stale({ headers: etag }, { status: 304, headers: etag });
    const answer = await world.ask(path, { headers: { "if-none-match": '"1"' } });
    expect([answer.status, lastAsk()["if-none-match"]]).toEqual([304, '"1"']);
  });
});

describe("what a client asks of caches", () => {
  async function kept(control = "max-age=100", extra: readonly string[] = []) {
    const path = newPath();
    world.script(path, { headers: ["cache-control", control, ...extra], body: "kept" });
    await world.ask(path);
    await world.clock.advance(50_000);
    return path;
  }
  const reuses = async (path: string, headers: Record<string, string>) => {
    await world.ask(path, { headers });
    return world.asked(path) === 1;
  };

  test("RFC 9111 §5.2.1: max-age, min-fresh, no-cache, no-store and Pragma ask past what is kept", async () => {
    for (const control of ["max-age=40", "max-age=0", "min-fresh=60", "no-cache", "no-store"])
      expect([control, await reuses(await kept(), { "cache-control": control })]).toEqual([control, false]);
    expect(await reuses(await kept(), { pragma: "no-cache" })).toBe(false);
  });

  test("RFC 9111 §5.2.1: what is good enough is given", async () => {
    for (const control of ["max-age=60", "min-fresh=40", "only-if-cached", "max-stale", "foo=bar"])
      expect([control, await reuses(await kept(), { "cache-control": control })]).toEqual([control, true]);
  });

  test("RFC 9111 §5.2.1.2: max-stale takes a stale answer, unless the origin forbids", async () => {
    expect(await reuses(await kept("max-age=10", ["etag", '"1"']), { "cache-control": "max-stale=100" })).toBe(true);
    expect(
      await reuses(await kept("max-age=10, must-revalidate", ["etag", '"1"']), { "cache-control": "max-stale" }),
    ).toBe(false);
  });

  test("RFC 9111 §5.2.1.7: only-if-cached gets 504 where nothing is kept", async () => {
    const path = newPath();
    const answer = await world.ask(path, { headers: { "cache-control": "only-if-cached" } });
    expect([answer.status, world.asked(path)]).toEqual([504, 0]);
  });

  test("RFC 9111 §5.2.1.4: what no-cache brought is kept for the others", async () => {
    const path = newPath();
    world.script(
      path,
      { headers: ["cache-control", "max-age=100"], body: "1" },
      { headers: ["cache-control", "max-age=100"], body: "2" },
    );
    await world.ask(path);
    await world.ask(path, { headers: { "cache-control": "no-cache" } });
    expect((await world.ask(path)).body).toBe("2");
  });
});

describe("stale answers", () => {
  test("RFC 5861 §3: a stale answer is given at once while one request fetches the next", async () => {
    const headers = ["cache-control", "max-age=10, stale-while-revalidate=60"];
    const gate = Promise.withResolvers<void>();
    const path = await stale({ headers }, { headers, body: "new", until: gate.promise });
    const before = world.asks.length;
    const [one, two] = [await world.ask(path), await world.ask(path)];
    expect([one.body, two.body, one.headers["cache-status"]]).toEqual(["old", "old", "trellis; hit; ttl=-1"]);
    await world.whenAsked(before + 1);
    gate.resolve();
    await expect.poll(async () => (await world.ask(path)).body).toBe("new");
    expect(world.asked(path)).toBe(2);
  });

  test("RFC 5861 §3: fetching the next in the background asks by the validators", async () => {
    const headers = ["cache-control", "max-age=10, stale-while-revalidate=60", "etag", '"1"'];
    const path = await stale({ headers }, { status: 304, headers });
    await world.ask(path, { headers: { "if-none-match": '"1"' } });
    await expect.poll(async () => (await world.ask(path)).headers["cache-status"]).toBe("trellis; hit; ttl=10");
    expect([world.asked(path), lastAsk()["if-none-match"]]).toEqual([2, '"1"']);
  });

  test("RFC 5861 §4: a stale answer stands in for one that failed", async () => {
    for (const next of [{ status: 503 }, { cut: "head" }] satisfies OriginReply[]) {
      const path = await stale({ headers: ["cache-control", "max-age=10, stale-if-error=60"] }, next);
      expect(await world.ask(path)).toMatchObject({ status: 200, body: "old" });
    }
  });

  test("RFC 9111 §4.2.4: a stale answer stands in for an origin that cannot be reached, not for its answer", async () => {
    expect((await world.ask(await stale({ headers: etag }, { cut: "head" }))).body).toBe("old");
    expect((await world.ask(await stale({ headers: etag }, { status: 503 }))).status).toBe(503);
  });

  test("RFC 5861 §4: s-maxage forbids nothing stale where the origin says beside it what may be given", async () => {
    const headers = ["cache-control", "s-maxage=10, stale-if-error=60", "etag", '"1"'];
    expect(await world.ask(await stale({ headers }, { cut: "head" }))).toMatchObject({ status: 200, body: "old" });
  });

  test("RFC 9111 §4.2.4: nothing stale is given where the origin forbids", async () => {
    for (const word of ["must-revalidate", "proxy-revalidate", "no-cache", "s-maxage=10"]) {
      const stands = word.startsWith("s-maxage") ? "" : ", stale-if-error=60";
      const headers = ["cache-control", `max-age=10, ${word}${stands}`, "etag", '"1"'];
      const answer = await world.ask(await stale({ headers }, { cut: "head" }));
      expect([word, answer.status]).toEqual([word, 502]);
    }
  });

  test("an error that passes leaves what was kept for when the origin is back", async () => {
    const path = newPath();
    world.script(path, { headers: etag, body: "old" }, { status: 503 }, { status: 304, headers: etag });
    await world.ask(path);
    await world.clock.advance(11_000);
    expect([(await world.ask(path)).status, (await world.ask(path)).body]).toEqual([503, "old"]);
  });
});
