import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EdgeWorld, type OriginReply, openEdgeWorld } from "./edge-world.contract.ts";

let world: EdgeWorld;
beforeAll(async () => {
  world = await openEdgeWorld();
});
afterAll(() => world.close());

let paths = 0;
const newPath = () => `/of-its-own/${++paths}`;

/** Asks twice, `seconds` apart, and tells how often the origin was asked. */
async function twice(reply: OriginReply, seconds = 1, headers: Record<string, string | string[]> = {}) {
  const path = newPath();
  world.script(path, { body: "one", ...reply }, { body: "two", ...reply });
  const first = await world.ask(path, { headers });
  await world.clock.advance(seconds * 1_000);
  const second = await world.ask(path, { headers });
  return { first, second, asked: world.asked(path), reused: world.asked(path) === 1, path };
}

const fresh = ["cache-control", "max-age=3600"];

describe("what is kept and given", () => {
  test("RFC 9111 §4: a fresh answer is given without asking the origin, byte by byte as it came", async () => {
    const { first, second, reused } = await twice({
      headers: [...fresh, "content-type", "text/x", "x-a", "1", "x-a", "2"],
    });
    expect(reused).toBe(true);
    expect([first.body, second.body]).toEqual(["one", "one"]);
    expect(second.headers).toMatchObject({ "content-type": "text/x", "x-a": "1, 2", "content-length": "3" });
  });

  test("RFC 9111 §5.1: an answer from the cache says its age, with that which it came with", async () => {
    const { second } = await twice({ headers: [...fresh, "age", "30"] }, 7);
    expect(second.headers.age).toBe("37");
  });

  test("RFC 9110 §6.6.1: Date stays what the origin said, and is added where it said nothing", async () => {
    const date = world.date(-5);
    expect((await twice({ headers: [...fresh, "date", date] }, 3)).second.headers.date).toBe(date);
    const before = world.date();
    expect((await twice({ headers: fresh }, 3)).second.headers.date).toBe(before);
  });

  test("RFC 9211 §2: every answer says what the cache did", async () => {
    const { first, second, path } = await twice({ headers: fresh }, 10);
    expect(first.headers["cache-status"]).toBe("trellis; fwd=uri-miss; stored");
    expect(second.headers["cache-status"]).toBe("trellis; hit; ttl=3590");
    expect((await world.ask(path, { method: "POST" })).headers["cache-status"]).toBe("trellis; fwd=method");
  });

  test("RFC 9211 §2: what a cache behind has said stays before it", async () => {
    const { second } = await twice({ headers: [...fresh, "cache-status", "origin; hit"] });
    expect(second.headers["cache-status"]).toBe("trellis; hit; ttl=3599");
    const passed = await twice({ headers: ["cache-status", "origin; hit"] });
    expect(passed.second.headers["cache-status"]).toBe("origin; hit, trellis; fwd=uri-miss");
  });

  test("RFC 9111 §2: addresses that differ in their query are two", async () => {
    world.script("/q?a=1", { headers: fresh, body: "1" });
    world.script("/q?a=2", { headers: fresh, body: "2" });
    expect((await world.ask("/q?a=1")).body + (await world.ask("/q?a=2")).body + (await world.ask("/q?a=1")).body).toBe(
      "121",
    );
    expect(world.asked("/q?a=1")).toBe(1);
  });

  test("RFC 9111 §3: what says nothing, or forbids it, is not kept", async () => {
    for (const control of [undefined, "no-store", "private, max-age=9", "no-cache", "max-age=0"])
      expect([control, (await twice({ headers: ["cache-control", control] })).reused]).toEqual([control, false]);
  });

  test("RFC 9111 §3: errors and redirects are kept where they say so", async () => {
    for (const status of [301, 302, 404, 410, 500, 503]) {
      const { second, reused } = await twice({ status, headers: [...fresh, "location", "/x"] });
      expect([status, reused, second.status]).toEqual([status, true, status]);
    }
  });

  test("RFC 9111 §3.1: headers of one connection are not kept", async () => {
    const { second } = await twice({
      headers: [...fresh, "connection", "x-a", "x-a", "1", "proxy-authenticate", "Basic", "x-b", "2"],
    });
    expect([second.headers["x-a"], second.headers["proxy-authenticate"], second.headers["x-b"]]).toEqual([
      undefined,
      undefined,
      "2",
    ]);
  });

  test("RFC 9111 §5.2.2.4: fields that no-cache names are not given from the cache", async () => {
    const { first, second } = await twice({
      headers: ["cache-control", 'max-age=9, no-cache="x-a"', "x-a", "1", "x-b", "2"],
    });
    expect([first.headers["x-a"], second.headers["x-a"], second.headers["x-b"]]).toEqual(["1", undefined, "2"]);
  });

  test("RFC 9111 §3.5: nobody's answer under a key is given to others", async () => {
    const { reused } = await twice({ headers: fresh }, 1, { authorization: "Bearer a" });
    expect(reused).toBe(false);
    expect(
      (await twice({ headers: ["cache-control", "public, max-age=9"] }, 1, { authorization: "Bearer a" })).reused,
    ).toBe(true);
  });

  test("RFC 9111 §7.3: nobody's cookie is given to others, unless the origin tells shared caches to", async () => {
    const cookie = ["set-cookie", "session=anna"];
    expect((await twice({ headers: [...fresh, ...cookie] })).reused).toBe(false);
    expect(
      (await twice({ headers: ["cache-control", "max-age=9, public", ...cookie] })).second.headers["set-cookie"],
    ).toBe("session=anna");
  });

  test("RFC 9213 §2.2: CDN-Cache-Control decides for the edge, and goes on to the caches behind it", async () => {
    const headers = ["cache-control", "private, no-store", "cdn-cache-control", "max-age=60"];
    const { second, reused } = await twice({ headers });
    expect([reused, second.headers["cdn-cache-control"]]).toEqual([true, "max-age=60"]);
  });

  test("RFC 9112 §6.3: what was cut off is not kept", async () => {
    const path = newPath();
    world.script(
      path,
      { headers: fresh, body: "a whole answer", cut: "body" },
      { headers: fresh, body: "a whole answer" },
    );
    expect((await world.ask(path)).cut).toBe(true);
    expect(await world.ask(path)).toMatchObject({ body: "a whole answer", cut: false });
    expect(world.asked(path)).toBe(2);
  });

  test("an answer in chunks is kept with its length", async () => {
    const { second, reused } = await twice({ headers: fresh, chunked: true, body: "ein Stück und noch eins" });
    expect([reused, second.body, second.headers["content-length"]]).toEqual([true, "ein Stück und noch eins", "24"]);
  });

  test("RFC 9110 §15.3.5: an answer without a body is kept without a length", async () => {
    const { second, reused } = await twice({ status: 204, headers: fresh, body: "" });
    expect([reused, second.status, second.headers["content-length"]]).toEqual([true, 204, undefined]);
  });

  test("RFC 9110 §15.2: interim answers are passed on, and not kept", async () => {
    const { first, second } = await twice({ headers: fresh, early: { "x-early": "yes" } });
    expect(first.interim).toMatchObject([{ status: 103, headers: { "x-early": "yes" } }]);
    expect(second.interim).toEqual([]);
  });

  test("RFC 9110 §9.3.2: HEAD is answered from what GET has brought", async () => {
    const path = newPath();
    world.script(path, { headers: fresh, body: "four" });
    await world.ask(path);
    const head = await world.ask(path, { method: "HEAD" });
    expect([head.status, head.body, head.headers["content-length"], world.asked(path)]).toEqual([200, "", "4", 1]);
  });

  test("RFC 9111 §2: what HEAD brought is no answer to GET", async () => {
    const path = newPath();
    world.script(path, { headers: fresh, body: "four" });
    await world.ask(path, { method: "HEAD" });
    expect((await world.ask(path)).body).toBe("four");
  });
});

describe("what varies", () => {
  const varying = { headers: [...fresh, "vary", "X-Kind"] };

  test("RFC 9111 §4.1: each kind of request has its own answer, and none is lost for another", async () => {
    const path = newPath();
    world.script(path, { ...varying, body: "A" }, { ...varying, body: "B" });
    const kind = async (value: string | undefined) =>
      (await world.ask(path, { headers: value ? { "x-kind": value } : {} })).body;
    expect([await kind("a"), await kind("b"), await kind("a"), await kind("b")]).toEqual(["A", "B", "A", "B"]);
    expect(world.asked(path)).toBe(2);
    expect((await world.ask(path)).headers["cache-status"]).toBe("trellis; fwd=vary-miss; stored");
  });

  test("RFC 9111 §4.1: two lines of a field are as good as one", async () => {
    const path = newPath();
    world.script(path, varying);
    await world.ask(path, { headers: { "x-kind": "1, 2" } });
    await world.ask(path, { headers: { "x-kind": ["1", "2"] } });
    expect(world.asked(path)).toBe(1);
  });

  test("RFC 9110 §12.5.3: encodings in another order get the same answer", async () => {
    const path = newPath();
    world.script(path, { headers: [...fresh, "vary", "accept-encoding"] });
    await world.ask(path, { headers: { "accept-encoding": "gzip, br" } });
    await world.ask(path, { headers: { "accept-encoding": "br,gzip" } });
    expect(world.asked(path)).toBe(1);
    await world.ask(path, { headers: { "accept-encoding": "gzip" } });
    expect(world.asked(path)).toBe(2);
  });

  test("RFC 9110 §12.5.5: an answer that varies by everything is given to nobody else", async () => {
    expect((await twice({ headers: [...fresh, "vary", "*"] })).reused).toBe(false);
  });
});

describe("what changes", () => {
  test("RFC 9111 §4.4: a change that succeeds invalidates its address and those that it names", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH"]) {
      const [path, named] = [newPath(), newPath()];
      for (const each of [path, named]) world.script(each, { headers: fresh });
      await world.ask(path);
      await world.ask(named);
      world.script(path, { status: 201, headers: ["location", named] });
      await world.ask(path, { method, body: "x" });
      await world.ask(path);
      await world.ask(named);
      expect([method, world.asked(path), world.asked(named)]).toEqual([method, 3, 2]);
    }
  });

  test("RFC 9111 §4.4: one that fails invalidates nothing", async () => {
    const path = newPath();
    world.script(path, { headers: fresh, body: "kept" }, { status: 500 });
    await world.ask(path);
    await world.ask(path, { method: "POST" });
    expect((await world.ask(path)).body).toBe("kept");
  });

  test("RFC 9111 §4.4: what was asked for before the change is not kept after it", async () => {
    const path = newPath();
    const gate = Promise.withResolvers<void>();
    world.script(
      path,
      { headers: fresh, body: "old", until: gate.promise },
      { status: 200 },
      { headers: fresh, body: "new" },
    );
    const before = world.asks.length;
    const slow = world.ask(path);
    await world.whenAsked(before + 1);
    await world.ask(path, { method: "POST" });
    gate.resolve();
    expect((await slow).body).toBe("old");
    expect((await world.ask(path)).body).toBe("new");
  });
});

describe("answers to POST", () => {
  const now = (path: string) => [...fresh, "content-location", path];

  test("RFC 9110 §9.3.3: one that says it is what its address holds now is given to a GET", async () => {
    const path = newPath();
    world.script(path, { headers: fresh, body: "old" }, { headers: now(path), body: "new" });
    await world.ask(path);
    const posted = await world.ask(path, { method: "POST", body: "x" });
    expect([posted.body, posted.headers["cache-status"]]).toEqual(["new", "trellis; fwd=method; stored"]);
    await world.clock.advance(3_000);
    const got = await world.ask(path);
    expect([got.body, got.headers["cache-status"], got.headers.age]).toEqual(["new", "trellis; hit; ttl=3597", "3"]);
    expect(world.asked(path)).toBe(2);
  });

  test("RFC 9110 §9.3.3: it is kept only with an address and a time of its own, and not for one person", async () => {
    const modified = world.date(-100_000);
    for (const [headers, asking] of [
      [fresh, {}],
      [now("/other"), {}],
      [["content-location", "?", "last-modified", modified], {}],
      [now("?"), { authorization: "mine" }],
      [[...now("?"), "set-cookie", "a=b"], {}],
    ] as const) {
      const path = newPath();
      const own = headers.map((text) => (text === "?" ? path : text));
      world.script(path, { headers: own, body: "of POST" }, { body: "of GET" });
      const posted = await world.ask(path, { method: "POST", body: "x", headers: asking });
      expect([headers, posted.headers["cache-status"]]).toEqual([headers, "trellis; fwd=method"]);
      expect([headers, (await world.ask(path)).body]).toEqual([headers, "of GET"]);
    }
  });

  test("RFC 9111 §3.3: one that is cut off is not kept", async () => {
    const path = newPath();
    world.script(path, { headers: now(path), body: "of POST", cut: "body" }, { body: "of GET" });
    expect((await world.ask(path, { method: "POST", body: "x" })).cut).toBe(true);
    expect((await world.ask(path)).body).toBe("of GET");
  });
});
