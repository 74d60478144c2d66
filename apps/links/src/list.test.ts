import { app } from "trellis";
import type { Client } from "trellis/contract";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linksContract } from "./contract.ts";
import { links } from "./service.ts";

type Api = Client<typeof linksContract.routes>;

let running: TestApp;
let api: Api;

/** As they are made; the third was followed most. */
const made = [
  { alias: "first-one", target: "https://example.com/Shoes?colour=red", humans: 5 },
  { alias: "second", target: "https://example.org/100%25_off", humans: 0 },
  { alias: "third-one", target: "https://example.net/shoes", humans: 50 },
  { alias: "fourth", target: "https://example.com/hats", humans: 5 },
] as const;

beforeAll(async () => {
  running = await startTestApp(app({ services: [links] }), { instances: 1 });
  api = await running.client(linksContract, { scopes: ["links:read", "links:write"] });
  for (const { alias, target, humans } of made) {
    await api.shorten({ body: { alias, target } });
    const code = [alias, humans];
    const where = "where link_id = (select id from links.link where code = $1)";
    await running.instances[0]?.opened.database.platform.query(
      `update links.link_total set humans = $2 ${where}`,
      code,
    );
  }
  const other = await running.client(linksContract, { scopes: ["links:write"], workspace: "other" });
  await other.shorten({ body: { alias: "shoes-of-others", target: "https://example.com/shoes" } });
}, 60_000);
afterAll(() => running?.stop(), 60_000);

const codes = async (query: NonNullable<NonNullable<Parameters<Api["list"]>[0]>["query"]>) =>
  (await api.list({ query })).links.map(({ code }) => code);

describe("a list of links", () => {
  test.each([
    ["shoes", ["third-one", "first-one"]],
    ["SHOES", ["third-one", "first-one"]],
    ["one", ["third-one", "first-one"]],
    ["first-one", ["first-one"]],
    ["example.com/h", ["fourth"]],
    ["%25_", ["second"]],
    ["%", ["second"]],
    ["_", ["second"]],
    ["\\", []],
    ["'; drop table link; --", []],
    ["", ["fourth", "third-one", "second", "first-one"]],
  ])("with %j in the code or target is %j", async (q, expected) => {
    expect(await codes({ q })).toEqual(expected);
  });

  test("is found by the whole short address too", async () => {
    const { links: found } = await api.list({ query: { q: "second" } });
    expect(await codes({ q: found[0]?.url ?? "" })).toEqual(["second"]);
  });

  test.each([
    ["newest", ["fourth", "third-one", "second", "first-one"]],
    ["oldest", ["first-one", "second", "third-one", "fourth"]],
    ["most-followed", ["third-one", "fourth", "first-one", "second"]],
  ] as const)("%s first comes in pages that neither repeat nor leave out a link", async (sort, expected) => {
    expect(await codes({ sort })).toEqual(expected);
    const paged: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await api.list({ query: { sort, limit: 1, ...(cursor ? { cursor } : {}) } });
      paged.push(...page.links.map(({ code }) => code));
      cursor = page.next;
    } while (cursor);
    expect(paged).toEqual(expected);
  });

  test("has each link's clicks and its last day", async () => {
    const { links: found } = await api.list({ query: { sort: "most-followed", limit: 1 } });
    expect(found).toMatchObject([{ code: "third-one", clicks: { humans: 50, bots: 0, previews: 0, heads: 0 } }]);
    expect(found[0]?.lastDay).toEqual(new Array(24).fill(0));
  });

  test("refuses a cursor that no page gave", async () => {
    for (const cursor of ["x", "-abc1234", "1-2-abc1234", "99999999999999999-abc1234"])
      await expect(api.list({ query: { cursor } })).rejects.toMatchObject({ code: "invalid-input" });
  });
});

describe("going back", () => {
  test("to an earlier version makes the next one, with its target", async () => {
    const { code } = await api.shorten({ body: { target: "https://example.com/v1" } });
    await api.change({ params: { code }, body: { target: "https://example.com/v2" } });
    expect(await api.rollback({ params: { code }, body: { version: 1 } })).toMatchObject({
      target: "https://example.com/v1",
      version: 3,
    });
    expect(await api.follow({ params: { code } })).toMatchObject({ to: "https://example.com/v1" });
    const { versions } = await api.versions({ params: { code }, query: {} });
    expect(versions.map(({ version, target }) => [version, target.slice(-2)])).toEqual([
      [3, "v1"],
      [2, "v2"],
      [1, "v1"],
    ]);
    expect(await api.rollback.try({ params: { code }, body: { version: 9 } })).toMatchObject({
      failure: { code: "unknown-version", detail: { version: 9 } },
    });
  });

  test("from the archive, a link leads where it led, and may be changed again", async () => {
    const { code } = await api.shorten({ body: { target: "https://example.com/back" } });
    await api.follow({ params: { code } });
    await api.archive({ params: { code } });
    expect(await api.follow.try({ params: { code } })).toMatchObject({ failure: { code: "link-archived" } });
    expect(await api.rollback.try({ params: { code }, body: { version: 1 } })).toMatchObject({
      failure: { code: "link-archived" },
    });
    for (const again of [1, 2])
      expect(await api.restore({ params: { code } }), String(again)).toMatchObject({ state: "active", version: 1 });
    expect(await api.follow({ params: { code } })).toMatchObject({ to: "https://example.com/back" });
    expect(await api.restore.try({ params: { code: "never-was" } })).toMatchObject({
      failure: { code: "unknown-code" },
    });
  });
});

describe("a QR code", () => {
  test("comes as the type that was asked for, and not again where it is known", async () => {
    const key = await running.key(["links:read"]);
    const url = `${running.instances[0]?.privateUrl}/v1/links/second/qr`;
    const ask = (query: string, headers = {}) =>
      fetch(url + query, { headers: { authorization: `Bearer ${key}`, ...headers } });
    const svg = await ask("");
    expect(svg.headers.get("content-type")).toBe("image/svg+xml");
    expect(await svg.text()).toMatch(/^<svg /);
    const png = await ask("?format=png&size=200");
    expect(png.headers.get("content-type")).toBe("image/png");
    expect(
      Buffer.from(await png.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
    const again = await ask("?format=png&size=200", { "if-none-match": png.headers.get("etag") ?? "" });
    expect(again.status).toBe(304);
    expect((await ask("?size=7")).status).toBe(422);
    expect((await ask("?format=gif")).status).toBe(422);
  });
});
