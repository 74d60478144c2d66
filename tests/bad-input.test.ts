import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LinksApi } from "./helpers/links-api.ts";
import { fieldsOf, problemOf, type Told } from "./helpers/problem.ts";

let links: LinksApi;
let before: unknown;
/** A link that is there, so that changes have something to spoil. */
const there = "already-there";

beforeAll(async () => {
  links = await LinksApi.start();
  await links.make(there);
});
afterAll(() => links.stop());

// Whatever is refused here leaves the database as it was.
beforeEach(async () => {
  before = await links.stored();
});
afterEach(async () => {
  expect(await links.stored()).toEqual(before);
  // The platform works in the background; a transaction that was left open would not end at all.
  await expect.poll(() => links.openTransactions()).toBe(0);
});

const target = "https://example.com/page";
const shorten = async (body: unknown, headers?: Record<string, string>) =>
  problemOf(await links.shorten(body, headers));
const change = async (body: unknown, code = there) => problemOf(await links.send("PATCH", `/v1/links/${code}`, body));
const asked = async (path: string, init?: Parameters<LinksApi["ask"]>[1]) => problemOf(await links.ask(path, init));
const misfit = { status: 422, code: "invalid-input" };

describe("fields that do not fit are named", () => {
  test.each<[string, unknown, readonly string[]]>([
    ["missing", {}, ["body.target"]],
    ["unknown", { target, colour: "red" }, ["body.colour"]],
    [
      "unknown, with a name from the prototype",
      { target, constructor: 1, toString: 2, hasOwnProperty: 3 },
      ["body.constructor", "body.toString", "body.hasOwnProperty"],
    ],
    ["of another type", { target: 7, alias: true }, ["body.target", "body.alias"]],
    ["lists where one is wanted", { target: [target] }, ["body.target"]],
    ["null", { target: null, alias: null }, ["body.target", "body.alias"]],
    ["empty", { target: "", alias: "" }, ["body.target", "body.alias"]],
    ["a target that is no address", { target: "not an address" }, ["body.target"]],
    ["a target that is too long", { target: `https://example.com/${"a".repeat(2_029)}` }, ["body.target"]],
    ["an alias that is too long", { target, alias: "a".repeat(65) }, ["body.alias"]],
    ["an alias that is too short", { target, alias: "ab" }, ["body.alias"]],
    ["an alias with a slash", { target, alias: "a/b/c" }, ["body.alias"]],
    ["an alias with a line break at its end", { target, alias: "abc\n" }, ["body.alias"]],
    ["an alias with letters that only look Latin", { target, alias: "аdmin" }, ["body.alias"]],
    ["everything at once", { alias: 1, colour: 2 }, ["body.colour", "body.target", "body.alias"]],
  ])("%s", async (_, body, fields) => {
    const told = await shorten(body);
    expect(told).toMatchObject(misfit);
    expect(fieldsOf(told).toSorted()).toEqual(fields.toSorted());
    for (const { problem } of told.fields ?? []) expect(problem).toMatch(/\S/);
  });

  test.each<[string, unknown, string]>([
    ["a new target that is missing", {}, "body.target"],
    ["a version that is no whole number", { target, version: 1.5 }, "body.version"],
    ["a version below 1", { target, version: 0 }, "body.version"],
    ["a version beyond whole numbers", { target, version: 1e300 }, "body.version"],
    ["a version as text", { target, version: "1" }, "body.version"],
    ["a code in the body", { target, code: "other" }, "body.code"],
  ])("in a change: %s", async (_, body, field) => {
    const told = await change(body);
    expect(told).toMatchObject(misfit);
    expect(fieldsOf(told)).toEqual([field]);
  });

  test.each<[string, string]>([
    ["limit=0", "query.limit"],
    ["limit=101", "query.limit"],
    ["limit=ten", "query.limit"],
    ["limit=1.5", "query.limit"],
    ["limit=1&limit=2", "query.limit"],
    ["limit=Infinity", "query.limit"],
    ["cursor=short", "query.cursor"],
    ["cursor=%00%00%00%00%00%00%00", "query.cursor"],
    ["cursor='or%201=1", "query.cursor"],
    ["state=deleted", "query.state"],
    ["page=2", "query.page"],
    ["__proto__=1", "query.__proto__"],
  ])("in the address of a list: ?%s", async (query, field) => {
    const told = await asked(`/v1/links?${query}`);
    expect(told).toMatchObject(misfit);
    expect(fieldsOf(told)).toEqual([field]);
  });

  test.each(["cursor=0", "cursor=-1", "cursor=x", "cursor=1e99", "limit=-1"])(
    "in the address of a list of versions: ?%s",
    async (query) => {
      const told = await asked(`/v1/links/${there}/versions?${query}`);
      expect(told).toMatchObject(misfit);
      expect(fieldsOf(told)).toEqual([`query.${query.split("=")[0]}`]);
    },
  );

  test("a cursor that nobody was given begins somewhere, and shows nobody else's links", async () => {
    const stranger = await links.app.key(["links:read"], "stranger");
    for (const cursor of ["zzzzzzz", "0000000"]) {
      const answer = await links.ask(`/v1/links?cursor=${cursor}`, {
        headers: { authorization: `Bearer ${stranger}` },
      });
      expect(await answer.json()).toEqual({ links: [], next: null });
    }
  });
});

describe("a body that is not what it should be", () => {
  const malformed = { status: 400, code: "malformed-json" };

  test.each([
    ["cut off", '{"target":"https://exam'],
    ["with a comma too many", '{"target":"https://example.com/",}'],
    ["in single quotes", "{'target':'https://example.com/'}"],
    ["with a number that is none", '{"target":NaN}'],
    ["with a second one behind", "{}{}"],
    ["with a byte order mark in the middle", '{"target":\ufeff"https://example.com/"}'],
    ["not JSON at all", "target=https://example.com/"],
  ])("is refused: %s", async (_, body) => {
    expect(await shorten(body)).toMatchObject(malformed);
  });

  test.each(["null", "7", '"text"', "true", "[]", '[{"target":"https://example.com/"}]'])(
    "is refused: JSON, but no object: %s",
    async (body) => {
      const told = await shorten(body);
      expect(told).toMatchObject(misfit);
      expect(fieldsOf(told)).toEqual(["body"]);
    },
  );

  test("is missed where there is none", async () => {
    const told = await problemOf(
      await links.ask("/v1/links", { method: "POST", headers: { "content-type": "application/json" } }),
    );
    expect(told).toMatchObject(misfit);
    expect(fieldsOf(told)).toEqual(["body"]);
  });

  test("is refused where none is taken", async () => {
    const told = await problemOf(await links.send("DELETE", `/v1/links/${there}`, { really: true }));
    expect(told).toMatchObject(misfit);
    expect(fieldsOf(told)).toEqual(["body"]);
  });

  test.each([
    ['{"target":"https://example.com/","__proto__":{"alias":"polluted"}}'],
    ['{"target":"https://example.com/","\\u005f_proto__":{"alias":"polluted"}}'],
    ['{"__proto__":{"target":"https://example.com/"}}'],
  ])("changes no prototype: %s", async (body) => {
    const told = await shorten(body);
    expect(told).toMatchObject(misfit);
    expect(told.fields).toMatchObject([{ field: "body", problem: expect.stringContaining("__proto__") }]);
    expect(({} as { alias?: unknown }).alias).toBeUndefined();
  });

  test("is refused when it is nested a hundred thousand levels deep", async () => {
    const told = await shorten(`{"target":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    expect(told).toMatchObject(misfit);
    expect(fieldsOf(told)).toEqual(["body.target"]);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
    "x",
  ])("is refused as %s", async (type) => {
    expect(await shorten({ target }, { "content-type": type })).toMatchObject({
      status: 415,
      code: "wrong-media-type",
      cure: expect.stringContaining("application/json"),
    });
  });
});

describe("what is too long is told apart", () => {
  test("a body", async () => {
    const told = await shorten(`{"target":"${"x".repeat(1_048_576)}"}`);
    expect(told).toMatchObject({
      status: 413,
      code: "body-too-large",
      cure: expect.stringContaining("TRELLIS_BODY_MAX"),
    });
  });

  test("headers", async () => {
    expect(await asked("/v1/links", { headers: { "x-long": "x".repeat(17_000) } })).toMatchObject({
      status: 431,
      code: "headers-too-large",
    });
  });

  test("an address, by its query or by its code", async () => {
    for (const path of [`/v1/links?cursor=${"x".repeat(9_000)}`, `/v1/links/${"x".repeat(2_000)}`])
      expect(await asked(path)).toMatchObject({ status: 414, code: "address-too-long" });
  });

  test("an idempotency key", async () => {
    for (const key of ["x".repeat(256), "not ascii: ü"]) {
      const told = await shorten({ target }, { "idempotency-key": key });
      expect(told).toMatchObject(misfit);
      expect(fieldsOf(told)).toEqual(["headers.idempotency-key"]);
    }
  });
});

describe("what is not there", () => {
  const unknown = { status: 404, code: "unknown-code", data: { code: expect.any(String) } };

  test.each([
    "nothing",
    "x",
    "NoSuch1",
    "%27%3B%20drop%20table%20link--",
    "%00",
    "a".repeat(65),
    "..%2f..%2fetc",
    "constructor",
    "__proto__",
  ])("is unknown to every route: %s", async (code) => {
    const everywhere: Promise<Told>[] = [
      asked(`/${code}`),
      asked(`/v1/links/${code}`),
      asked(`/v1/links/${code}/versions`),
      change({ target }, code),
      asked(`/v1/links/${code}`, { method: "DELETE" }),
    ];
    for (const told of await Promise.all(everywhere)) expect(told).toMatchObject(unknown);
  });

  test("an address and a method", async () => {
    expect(await asked("/v1/nothing")).toMatchObject({ status: 404, code: "unknown-route" });
    expect(await asked("/v1/links", { method: "PUT" })).toMatchObject({ status: 405, code: "wrong-method" });
    expect(await asked("/%zz")).toMatchObject({ status: 400, code: "malformed-request" });
  });
});

describe("whoever may not", () => {
  const nobody = { status: 401, code: "unauthenticated", cure: expect.stringContaining("authorization") };

  test.each([
    "",
    "Bearer",
    "Bearer wrong",
    "Basic YTpi",
    "Bearer trellis_0123456789abcdef_",
    `Bearer ${"x".repeat(5_000)}`,
  ])("is nobody, and changes nothing: %j", async (authorization) => {
    expect(await shorten({ target }, { authorization })).toMatchObject(nobody);
    expect(await asked("/v1/links", { headers: { authorization } })).toMatchObject(nobody);
    for (const method of ["PATCH", "DELETE"])
      expect(await asked(`/v1/links/${there}`, { method, headers: { authorization } })).toMatchObject(nobody);
  });

  test("a key with another's secret is nobody's", async () => {
    const forged = `${links.key.slice(0, -4)}AAAA`;
    expect(await shorten({ target }, { authorization: `Bearer ${forged}` })).toMatchObject(nobody);
  });

  test("is told the scope that is missing", async () => {
    const authorization = `Bearer ${await links.app.key(["links:read"])}`;
    const told = await shorten({ target }, { authorization });
    expect(told).toMatchObject({ status: 403, code: "forbidden", cure: expect.stringContaining("links:write") });
  });

  test("hears first that he may not, not what is wrong with what he sends", async () => {
    expect(await shorten({ nothing: "fits" }, { authorization: "" })).toMatchObject(nobody);
  });

  test("says that he is another of our instances is not believed", async () => {
    const caller = Buffer.from('{"actor":{"id":"key:0","workspace":"main","scopes":["*"]}}').toString("base64url");
    expect(await shorten({ target }, { "x-trellis-caller": `${caller}.AAAA` })).toMatchObject({ status: 401 });
  });

  test("another workspace's link is as unknown as one that never was", async () => {
    const authorization = `Bearer ${await links.app.key(["links:read", "links:write"], "stranger")}`;
    const unknown = { status: 404, code: "unknown-code" };
    for (const method of ["GET", "DELETE"])
      expect(await asked(`/v1/links/${there}`, { method, headers: { authorization } })).toMatchObject(unknown);
    const changed = await links.send("PATCH", `/v1/links/${there}`, { target }, { authorization });
    expect(await problemOf(changed)).toMatchObject(unknown);
  });
});
