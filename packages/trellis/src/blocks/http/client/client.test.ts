import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { anyone } from "../../../model/actor.ts";
import type { Clock } from "../../../model/clock.ts";
import { contract } from "../../../model/contract.ts";
import { CallFailed, failure, isFailure } from "../../../model/failure.ts";
import { created, file, nothing, redirect } from "../../../model/reply.ts";
import { del, get, post } from "../../../model/route.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { client } from "./client.ts";

const date = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (moment) => moment.toISOString(),
});
const Link = z.object({ code: z.string(), at: date });
const AliasTaken = failure("alias-taken", {
  status: 409,
  title: "The alias is taken",
  cure: "Choose another.",
  detail: z.object({ alias: z.string(), since: date }),
});
const links = contract("links", {
  read: get("/v1/links/:code", { returns: Link }),
  list: get("/v1/links", {
    query: z.object({ tag: z.array(z.string()).optional(), limit: z.number().optional(), q: z.string().optional() }),
    returns: z.array(Link),
  }),
  shorten: post("/v1/links", {
    body: z.object({ target: z.string(), at: date.optional() }),
    returns: created(Link),
    fails: [AliasTaken],
  }),
  drop: del("/v1/links/:code", { returns: nothing() }),
  follow: get("/:code", { returns: redirect(), allow: anyone }),
  picture: get("/v1/picture", { returns: file("image/png", "image/svg+xml") }),
  slow: get("/v1/slow", { returns: Link, timeout: "2m" }),
});

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Record<string, string>;
}

/** A client whose network is `answer`, and what it sent. */
function clientOf(answer: (sent: Sent) => Response | Promise<Response>, options: { clock?: Clock; key?: string } = {}) {
  const sent: Sent[] = [];
  const fetchFake: typeof fetch = async (input, init = {}) => {
    const one = { url: String(input), init, headers: init.headers as Record<string, string> };
    sent.push(one);
    return await answer(one);
  };
  return { sent, links: client(links, { url: "https://links.example/", fetch: fetchFake, ...options }) };
}

const json = (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });
const problem = (value: object, status: number, headers: Record<string, string> = {}) =>
  json({ type: "about:blank", status, ...value }, status, { "content-type": "application/problem+json", ...headers });
const wireLink = { code: "a", at: "2026-01-02T03:04:05.000Z" };

describe("client", () => {
  it("gives values as their schema decodes them", async () => {
    const { links } = clientOf(() => json(wireLink));
    const link = await links.read({ params: { code: "a" } });
    expectTypeOf(link).toEqualTypeOf<{ code: string; at: Date }>();
    expect(link).toEqual({ code: "a", at: new Date("2026-01-02T03:04:05.000Z") });
  });

  it("encodes parameters and queries so that no character changes the address", async () => {
    const { links, sent } = clientOf(() => json([]));
    await links.list({ query: { tag: ["a b", "c&d=é"], limit: 5, q: undefined } as never });
    await links.read({ params: { code: "a/b?c#d%" } }).catch(() => undefined);
    expect(sent.map(({ url }) => url)).toEqual([
      "https://links.example/v1/links?tag=a+b&tag=c%26d%3D%C3%A9&limit=5",
      "https://links.example/v1/links/a%2Fb%3Fc%23d%25",
    ]);
  });

  it.each(["", ".", "..", "half \ud800"])("refuses the parameter %j, which no address can carry", async (code) => {
    const { links, sent } = clientOf(() => json(wireLink));
    await expect(links.read.try({ params: { code } })).rejects.toMatchObject({
      code: "invalid-input",
      fields: [{ field: "params.code" }],
    });
    expect(sent).toEqual([]);
  });

  it("refuses a body that is not JSON before anything is sent", async () => {
    const { links, sent } = clientOf(() => json(wireLink));
    await expect(links.shorten({ body: { target: 1n as never } })).rejects.toMatchObject({
      code: "invalid-input",
      fields: [{ field: "body" }],
    });
    expect(sent).toEqual([]);
  });

  it("sends the key, the idempotency key, the time that is left and the body in its wire form", async () => {
    const { links, sent } = clientOf(() => json(wireLink, 201), { key: "k1", clock: testClock() });
    const link = await links.shorten(
      { body: { target: "https://example.com", at: "2026-01-01T00:00:00Z" } },
      { idempotencyKey: "once", timeoutMs: 250 },
    );
    expect(link.code).toBe("a");
    expect(sent[0]?.headers).toEqual({
      accept: "application/json",
      authorization: "Bearer k1",
      "content-type": "application/json",
      "idempotency-key": "once",
      "x-request-timeout-ms": "250",
    });
    expect(sent[0]?.init.body).toBe('{"target":"https://example.com","at":"2026-01-01T00:00:00Z"}');
  });

  it("allows a route the time that its contract says, and 30 s otherwise", async () => {
    const { links, sent } = clientOf(() => json(wireLink), { clock: testClock() });
    await links.slow();
    await links.read({ params: { code: "a" } });
    expect(sent.map(({ headers }) => headers["x-request-timeout-ms"])).toEqual(["120000", "30000"]);
  });

  it("returns declared failures with their decoded detail, and throws them from a plain call", async () => {
    const { links } = clientOf(() => problem({ code: "alias-taken", data: { alias: "x", since: wireLink.at } }, 409));
    const tried = await links.shorten.try({ body: { target: "t" } });
    expect(tried).toEqual({
      ok: false,
      failure: { code: "alias-taken", detail: { alias: "x", since: new Date(wireLink.at) }, failed: true },
    });
    if (!tried.ok && tried.failure.code === "alias-taken")
      expectTypeOf(tried.failure.detail.since).toEqualTypeOf<Date>();
    expect(!tried.ok && isFailure(tried.failure)).toBe(true);
    const thrown = await links.shorten({ body: { target: "t" } }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(CallFailed);
    expect(thrown).toMatchObject({ message: "The alias is taken (alias-taken)", failure: { detail: { alias: "x" } } });
  });

  it("throws the platform's own refusals with their code, fields and cure", async () => {
    const fields = [{ field: "body.target", problem: "is not an address" }];
    const { links } = clientOf(() =>
      problem({ code: "invalid-input", detail: "The input does not fit", cure: "Mend it.", fields }, 422),
    );
    await expect(links.shorten.try({ body: { target: "t" } })).rejects.toMatchObject({
      name: "TrellisError",
      code: "invalid-input",
      message: "The input does not fit",
      cure: "Mend it.",
      fields,
    });
  });

  it.each([502, 503, 504])("takes %i for unavailable, also from someone in between", async (status) => {
    const { links } = clientOf(() => new Response("<html>", { status, headers: { "retry-after": "7" } }));
    expect(await links.read.try({ params: { code: "a" } })).toEqual({
      ok: false,
      failure: {
        code: "unavailable",
        detail: { service: "links", retryAfterMs: 7_000, because: `it answered ${status}` },
        failed: true,
      },
    });
  });

  it("reads a retry-after that is a date", async () => {
    const clock = testClock(Date.parse("2026-01-01T00:00:00Z"));
    const { links } = clientOf(
      () => new Response("", { status: 503, headers: { "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" } }),
      { clock },
    );
    expect(await links.read.try({ params: { code: "a" } })).toMatchObject({
      failure: { detail: { retryAfterMs: 9_000 } },
    });
  });

  it("says unavailable when the service cannot be reached", async () => {
    const { links } = clientOf(() => Promise.reject(new TypeError("fetch failed")));
    expect(await links.read.try({ params: { code: "a" } })).toMatchObject({ failure: { code: "unavailable" } });
    await expect(links.read({ params: { code: "a" } })).rejects.toMatchObject({
      name: "CallFailed",
      failure: { code: "unavailable", detail: { service: "links" } },
    });
  });

  it("says unavailable at the deadline, though the network never answers, and tells the other side", async () => {
    const clock = testClock();
    const { links, sent } = clientOf(() => new Promise(() => undefined), { clock });
    const tried = links.read.try({ params: { code: "a" } }, { timeoutMs: 500 });
    await clock.advance(499);
    expect(sent[0]?.init.signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(await tried).toMatchObject({ ok: false, failure: { code: "unavailable" } });
    expect(sent[0]?.init.signal?.aborted).toBe(true);
  });

  it("throws the caller's own reason when the caller gives up", async () => {
    const { links, sent } = clientOf(() => new Promise(() => undefined), { clock: testClock() });
    const controller = new AbortController();
    const tried = links.read.try({ params: { code: "a" } }, { signal: controller.signal });
    const reason = new Error("page was left");
    controller.abort(reason);
    await expect(tried).rejects.toBe(reason);
    expect(sent[0]?.init.signal?.aborted).toBe(true);
    await expect(links.read({ params: { code: "a" } }, { signal: controller.signal })).rejects.toBe(reason);
    expect(sent).toHaveLength(1);
  });

  it("takes any length of time for a timeout", async () => {
    const { links, sent } = clientOf(() => json(wireLink));
    expect(await links.read({ params: { code: "a" } }, { timeoutMs: Number.POSITIVE_INFINITY })).toBeDefined();
    expect(sent[0]?.headers["x-request-timeout-ms"]).toMatch(/^\d+$/);
  });

  it("leaves no timer behind", async () => {
    const clock = testClock();
    const { links } = clientOf(() => json(wireLink), { clock });
    await links.read({ params: { code: "a" } });
    expect(clock.pending).toBe(0);
  });

  it("gives a file's bytes with their type, and refuses a file that was not promised", async () => {
    const bytes = Uint8Array.from([0, 255, 128, 10]);
    const refused = clientOf(() => new Response(bytes, { headers: { "content-type": "image/gif" } })).links;
    expect(
      await clientOf(() => new Response(bytes, { headers: { "content-type": "image/png" } })).links.picture(),
    ).toEqual({
      type: "image/png",
      bytes,
    });
    await expect(refused.picture()).rejects.toMatchObject({ code: "unexpected-answer" });
  });

  it("gives nothing for 204 and the address for a redirect", async () => {
    const { links, sent } = clientOf(({ init }) =>
      init.method === "DELETE"
        ? new Response(null, { status: 204 })
        : new Response(null, { status: 302, headers: { location: "https://example.com/" } }),
    );
    expect(await links.drop({ params: { code: "a" } })).toBeUndefined();
    expect(await links.follow({ params: { code: "a" } })).toEqual({ to: "https://example.com/", status: 302 });
    expect(sent[1]?.init.redirect).toBe("manual");
  });

  it("says why a browser cannot see a redirect", async () => {
    const hidden = { type: "opaqueredirect", status: 0 } as Response;
    const { links } = clientOf(() => hidden);
    await expect(links.follow({ params: { code: "a" } })).rejects.toMatchObject({
      code: "unexpected-answer",
      message: expect.stringContaining("browsers hide"),
      cure: expect.stringContaining("link"),
    });
  });

  it.each([
    ["a value of another shape", () => json({ code: 1, at: wireLink.at }), "answer.code"],
    ["something that is not JSON", () => new Response("<html>"), undefined],
    ["a status that nobody declared", () => json({ code: "who-knows" }, 418), undefined],
    ["a failure with a wrong detail", () => problem({ code: "alias-taken", data: { alias: 3 } }, 409), undefined],
    [
      "a redirect where none was promised",
      () => new Response(null, { status: 301, headers: { location: "/x" } }),
      undefined,
    ],
  ])("does not let %s pass", async (_, answer, field) => {
    const { links } = clientOf(answer);
    await expect(links.shorten.try({ body: { target: "t" } })).rejects.toMatchObject({
      code: "unexpected-answer",
      fields: field === undefined ? [] : [{ field }],
    });
  });

  it.each(["links.example", "ftp://x", "https://x/?a", "https://"])("refuses %j as an address", (url) => {
    expect(() => client(links, { url })).toThrow(expect.objectContaining({ code: "invalid-setting" }));
  });
});
