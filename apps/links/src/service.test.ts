import { type App, app } from "trellis";
import type { Client } from "trellis/contract";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Codes } from "./codes.ts";
import { linksContract } from "./contract.ts";
import { links } from "./service.ts";

type Api = Client<typeof linksContract.routes>;

const whole: App = app({ services: [links] });
const anywhere = "https://example.com/";

let running: TestApp;
let api: Api;
/** The same workspace, through the other instance. */
let other: Api;

beforeAll(async () => {
  running = await startTestApp(whole);
  const scopes = ["links:read", "links:write"] as const;
  api = await running.client(linksContract, { scopes });
  other = await running.client(linksContract, { scopes, instance: 1 });
}, 60_000);

afterAll(() => running?.stop(), 60_000);

const url = (instance = 0) => running.instances[instance]?.privateUrl ?? "";
const rows = (text: string, values: readonly unknown[] = []) =>
  running.instances[0]?.opened.database.platform.query(text, values) ?? [];

/**
 * Follows a link through the other instance until that has it in its cache: it keeps nothing that it loads while it is
 * being told that the link was made.
 */
async function warm(params: { readonly code: string }): Promise<void> {
  const hits = () => running.instances[1]?.opened.stats()["links.hot"]?.hits ?? 0;
  await expect
    .poll(async () => {
      const before = hits();
      await other.follow({ params });
      return hits() - before;
    })
    .toBe(1);
}

describe("making a link", () => {
  test("gives it a code of 7 characters that leads to its target, through any instance", async () => {
    const link = await api.shorten({ body: { target: "https://example.com/a?b=c" } });
    expect(link).toMatchObject({ target: "https://example.com/a?b=c", state: "active", version: 1 });
    expect(link.code).toMatch(/^[0-9A-Za-z]{7}$/);
    expect(link.url).toBe(`${url()}/${link.code}`);
    for (const asked of [api, other])
      expect(await asked.follow({ params: { code: link.code } })).toEqual({ to: link.target, status: 302 });
  });

  test("answers 201 and says where the link is", async () => {
    const key = await running.key(["links:write"]);
    const made = await fetch(`${url()}/v1/links`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ target: anywhere }),
    });
    expect(made.status).toBe(201);
    const { code } = (await made.json()) as { code: string };
    expect(made.headers.get("location")).toBe(`/v1/links/${code}`);
  });

  test("takes an alias once: whoever comes second is told", async () => {
    const body = { target: anywhere, alias: "Hello_World-1" };
    expect(await api.shorten({ body })).toMatchObject({ code: "Hello_World-1" });
    expect(await other.shorten.try({ body })).toMatchObject({
      ok: false,
      failure: { code: "alias-taken", detail: { alias: "Hello_World-1" } },
    });
    expect(await api.shorten({ body: { ...body, alias: "hello_world-1" } })).toMatchObject({ code: "hello_world-1" });
  });

  test("is seen at once where it had been asked for in vain", async () => {
    const params = { code: "not-yet" };
    for (const asked of [api, other])
      expect(await asked.follow.try({ params })).toMatchObject({ failure: { code: "unknown-code" } });
    await api.shorten({ body: { target: anywhere, alias: "not-yet" } });
    expect(await api.follow({ params })).toMatchObject({ to: anywhere });
    await expect.poll(() => other.follow.try({ params }), { timeout: 1_000 }).toMatchObject({ ok: true });
  });

  test("passes over a code that is someone's alias already", async () => {
    const [installed] = await rows("select key from links.code_key");
    const codes = new Codes(installed?.key as Uint8Array);
    const before = await api.shorten({ body: { target: anywhere } });
    const id = codes.idOf(before.code) ?? 0;
    // The alias's link itself takes the next id.
    await api.shorten({ body: { target: "https://alias.example/", alias: codes.codeOf(id + 2) } });
    expect((await api.shorten({ body: { target: anywhere } })).code).toBe(codes.codeOf(id + 3));
    expect(await api.follow({ params: { code: codes.codeOf(id + 2) } })).toMatchObject({
      to: "https://alias.example/",
    });
  });

  test("two instances at the same time give no code twice", { timeout: 20_000 }, async () => {
    const made = await Promise.all(
      Array.from({ length: 300 }, (_, index) => (index % 2 ? api : other).shorten({ body: { target: anywhere } })),
    );
    expect(new Set(made.map(({ code }) => code)).size).toBe(300);
  });

  test("again with the same idempotency key gives the first link, which was kept together with the answer", async () => {
    const options = { idempotencyKey: "the-same" };
    const body = { target: anywhere };
    const first = await api.shorten({ body }, options);
    expect(await api.shorten({ body }, options)).toEqual(first);
    // `xmin` is the transaction that wrote a row.
    const kept = await rows(
      "select 1 from links.link, trellis.once where link.xmin = once.xmin and code = $1 and key = 'the-same'",
      [first.code],
    );
    expect(kept).toHaveLength(1);
  });
});

describe("refused with the field and the cure", () => {
  const post = async (body: string) => {
    const authorization = `Bearer ${await running.key(["links:write"])}`;
    const headers = { authorization, "content-type": "application/json" };
    const answer = await fetch(`${url()}/v1/links`, { method: "POST", headers, body });
    return { status: answer.status, problem: (await answer.json()) as Record<string, unknown> };
  };

  test.each([
    ["a missing target", {}, "body.target"],
    ["no address", { target: "example" }, "body.target"],
    ["another type", { target: 7 }, "body.target"],
    ["an over-long target", { target: `${anywhere}${"a".repeat(2_048)}` }, "body.target"],
    ["an unknown field", { target: anywhere, allias: "x" }, "body.allias"],
    ["an alias too short", { target: anywhere, alias: "ab" }, "body.alias"],
    ["an alias too long", { target: anywhere, alias: "a".repeat(65) }, "body.alias"],
    ["an alias of other characters", { target: anywhere, alias: "a/b c" }, "body.alias"],
    ["no object", [], "body"],
  ])("%s", async (_, body, field) => {
    const { status, problem } = await post(JSON.stringify(body));
    expect(status).toBe(422);
    expect(problem).toMatchObject({ code: "invalid-input", cure: expect.any(String) });
    expect(problem.fields).toContainEqual({ field, problem: expect.any(String) });
  });

  test("what is not JSON", async () => {
    expect(await post("{")).toMatchObject({ status: 400, problem: { code: "malformed-json" } });
  });

  test("a dangerous scheme", async () => {
    expect(await post(JSON.stringify({ target: "javascript:alert(1)" }))).toMatchObject({
      status: 422,
      problem: { code: "target-refused", data: { field: "target", reason: "not-http" }, cure: expect.any(String) },
    });
  });

  test("a link to the shortener itself, also when it is changed to be one", async () => {
    const target = `${url()}/loop-1`;
    expect(await api.shorten.try({ body: { target, alias: "loop-1" } })).toMatchObject({
      failure: { code: "target-refused", detail: { reason: "own-address" } },
    });
    await api.shorten({ body: { target: anywhere, alias: "loop-1" } });
    expect(
      await api.change.try({ params: { code: "loop-1" }, body: { target: target.replace("127.0.0.1", "localhost") } }),
    ).toMatchObject({ failure: { code: "target-refused", detail: { reason: "own-address" } } });
    expect(await api.follow({ params: { code: "loop-1" } })).toMatchObject({ to: anywhere });
  });

  test("a reserved word", async () => {
    for (const alias of ["admin", "LIVEZ"])
      expect(await api.shorten.try({ body: { target: anywhere, alias } })).toMatchObject({
        failure: { code: "alias-reserved", detail: { alias } },
      });
  });

  test("what was refused left nothing behind", async () => {
    const bad = { body: { target: "data:,x", alias: "left-nothing" } };
    await api.shorten.try(bad);
    expect(await rows("select 1 from links.link where code = 'left-nothing'")).toEqual([]);
  });
});

describe("changing a link", () => {
  test("makes a version, which every instance follows within a second", async () => {
    const params = { code: (await api.shorten({ body: { target: anywhere } })).code };
    await api.follow({ params });
    await warm(params);
    const target = "https://example.org/new";
    expect(await api.change({ params, body: { target } })).toMatchObject({ target, version: 2 });
    expect(await api.follow({ params })).toMatchObject({ to: target });
    await expect.poll(() => other.follow({ params }), { timeout: 1_000 }).toMatchObject({ to: target });
    expect((await api.versions({ params })).versions).toMatchObject([
      { version: 2, target },
      { version: 1, target: anywhere },
    ]);
  });

  test("with the version that it has lately been given succeeds, with an older one fails", async () => {
    const params = { code: (await api.shorten({ body: { target: anywhere } })).code };
    expect(await api.change({ params, body: { target: "https://a.example/", version: 1 } })).toMatchObject({
      version: 2,
    });
    expect(await api.change.try({ params, body: { target: "https://b.example/", version: 1 } })).toMatchObject({
      failure: { code: "stale-version", detail: { code: params.code, version: 2 } },
    });
    expect(await api.read({ params })).toMatchObject({ target: "https://a.example/", version: 2 });
  });

  test("of many changes at once from the same version, one succeeds", async () => {
    const params = { code: (await api.shorten({ body: { target: anywhere } })).code };
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? api : other).change.try({ params, body: { target: `https://${index}.example/`, version: 1 } }),
      ),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await api.versions({ params })).versions).toHaveLength(2);
  });

  test("versions come in pages, the newest first", async () => {
    const params = { code: (await api.shorten({ body: { target: "https://1.example/" } })).code };
    for (const number of [2, 3, 4, 5]) await api.change({ params, body: { target: `https://${number}.example/` } });
    const first = await api.versions({ params, query: { limit: 3 } });
    expect(first.versions.map(({ version }) => version)).toEqual([5, 4, 3]);
    const rest = await api.versions({ params, query: { limit: 3, cursor: first.next ?? 0 } });
    expect(rest).toMatchObject({
      versions: [{ version: 2 }, { version: 1, target: "https://1.example/" }],
      next: null,
    });
  });
});

describe("archiving a link", () => {
  test("ends it on every instance, for good, and again is as good", async () => {
    const params = { code: (await api.shorten({ body: { target: anywhere } })).code };
    await api.follow({ params });
    await warm(params);
    await api.archive({ params });
    await api.archive({ params });
    const gone = { failure: { code: "link-archived", detail: params } };
    expect(await api.follow.try({ params })).toMatchObject(gone);
    await expect.poll(() => other.follow.try({ params }), { timeout: 1_000 }).toMatchObject(gone);
    expect(await api.change.try({ params, body: { target: anywhere } })).toMatchObject(gone);
    expect(await api.read({ params })).toMatchObject({ state: "archived" });
    expect(await api.shorten.try({ body: { target: anywhere, alias: params.code } })).toMatchObject({
      failure: { code: "alias-taken" },
    });
    expect((await fetch(`${url()}/${params.code}`, { redirect: "manual" })).status).toBe(410);
  });
});

describe("a workspace", () => {
  test("does not know another's links, though all follow them", async () => {
    const stranger = await running.client(linksContract, {
      scopes: ["links:read", "links:write"],
      workspace: "strangers",
    });
    const params = { code: (await api.shorten({ body: { target: anywhere } })).code };
    const unknown = { failure: { code: "unknown-code", detail: params } };
    expect(await stranger.read.try({ params })).toMatchObject(unknown);
    expect(await stranger.versions.try({ params })).toMatchObject(unknown);
    expect(await stranger.change.try({ params, body: { target: "https://evil.example/" } })).toMatchObject(unknown);
    expect(await stranger.archive.try({ params })).toMatchObject(unknown);
    expect(await stranger.list()).toEqual({ links: [], next: null });
    expect(await stranger.follow({ params })).toMatchObject({ to: anywhere });
  });

  test("lists its links in pages, the newest first, none twice or missing while more are made", async () => {
    const mine = await running.client(linksContract, { scopes: ["*"], workspace: "lister" });
    const made: string[] = [];
    for (let number = 0; number < 7; number++)
      made.unshift((await mine.shorten({ body: { target: `https://${number}.example/` } })).code);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await mine.list({ query: { limit: 3, ...(cursor ? { cursor } : {}) } });
      seen.push(...page.links.map(({ code }) => code));
      await mine.shorten({ body: { target: anywhere } });
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(seen).toEqual(made);
  });

  test("lists what is archived only where that is asked for", async () => {
    const mine = await running.client(linksContract, { scopes: ["*"], workspace: "archivist" });
    const kept = await mine.shorten({ body: { target: anywhere } });
    const ended = await mine.shorten({ body: { target: anywhere } });
    await mine.archive({ params: { code: ended.code } });
    const listed = async (state?: "active" | "archived" | "all") =>
      (await mine.list({ query: state ? { state } : {} })).links.map(({ code }) => code);
    expect(await listed()).toEqual([kept.code]);
    expect(await listed("archived")).toEqual([ended.code]);
    expect(await listed("all")).toEqual([ended.code, kept.code]);
  });

  test("is only for keys with the scope", async () => {
    const reader = await running.client(linksContract, { scopes: ["links:read"] });
    const nobody = await running.client(linksContract);
    await expect(reader.shorten({ body: { target: anywhere } })).rejects.toMatchObject({ code: "forbidden" });
    await expect(nobody.list()).rejects.toMatchObject({ code: "unauthenticated" });
  });
});

describe("what nobody has made", () => {
  test.each(["favicon.ico", "robots.txt", "x", "a%00b", "%F0%9F%98%80", "never-was"])(
    "%s is not found",
    async (path) => {
      const answer = await fetch(`${url()}/${path}`);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: "unknown-code", cure: expect.any(String) });
    },
  );

  test("is unknown to the API too, whatever its form", async () => {
    for (const code of ["never-was", "a\u0000b", "\u{1F600}"])
      expect(await api.read.try({ params: { code } })).toMatchObject({ failure: { code: "unknown-code" } });
  });

  test("is no cursor either", async () => {
    await expect(api.list({ query: { cursor: "made up" } })).rejects.toMatchObject({
      code: "invalid-input",
      fields: [{ field: "query.cursor" }],
    });
  });
});
