import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LinksApi } from "./helpers/links-api.ts";
import { problemOf } from "./helpers/problem.ts";

const target = "https://example.com/page";
let links: LinksApi;
afterAll(() => links?.stop());

/** Through the first instance. */
const at = (path: string, init: RequestInit = {}, headers: Record<string, string> = {}) =>
  fetch(links.url(0) + path, {
    redirect: "manual",
    ...init,
    headers: { authorization: `Bearer ${links.key}`, ...headers },
  });
const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  at(path, { method, body: JSON.stringify(body) }, { "content-type": "application/json", ...headers });
const inFlight = () => links.app.instances[0]?.opened.http.stats().inFlight;

describe("a lock that another holds", () => {
  beforeAll(async () => {
    links = await LinksApi.start({ TRELLIS_STATEMENT_TIMEOUT: "300ms" });
    await links.make("locked", target);
  });
  afterAll(() => links.stop());

  test("is waited for as long as a statement may take, then the answer is 504 and nothing has changed", async () => {
    const lock = await links.hold("select * from links.link where code = 'locked' for update");
    const before = await links.stored();
    const late = { status: 504, code: "statement-timeout", cure: expect.stringContaining("TRELLIS_STATEMENT_TIMEOUT") };
    for (const answer of await Promise.all([
      send("PATCH", "/v1/links/locked", { target: "https://example.com/other" }),
      at("/v1/links/locked", { method: "DELETE" }),
    ]))
      expect(await problemOf(answer)).toMatchObject(late);
    expect(await links.stored()).toEqual(before);
    expect((await at("/locked")).headers.get("location")).toBe(target);
    await lock.letGo();
    expect((await at("/v1/links/locked", { method: "DELETE" })).status).toBe(204);
  });
});

describe("the deadline of a request answers whatever it waits for in the database", () => {
  const late = { status: 504, code: "deadline-exceeded" };
  const requestTimeoutMs = 1_000;
  let askedMs: number;

  beforeAll(async () => {
    links = await LinksApi.start({ TRELLIS_REQUEST_TIMEOUT: `${requestTimeoutMs}ms`, TRELLIS_STATEMENT_TIMEOUT: "1m" });
  });
  beforeEach(() => {
    askedMs = performance.now();
  });
  afterEach(async () => {
    expect(performance.now() - askedMs, "longer than three deadlines").toBeLessThan(3 * requestTimeoutMs + 1_000);
    await expect.poll(inFlight).toBe(0);
    await expect.poll(() => links.openTransactions()).toBe(0);
  });

  test("a look-up of who asks", async () => {
    const lock = await links.hold("lock table trellis.api_key");
    const authorization = "Bearer trellis_0123456789abcdef_00000000000000000000000000000000";
    expect(await problemOf(await at("/v1/links", {}, { authorization }))).toMatchObject(late);
    await lock.letGo();
    expect(await problemOf(await at("/v1/links", {}, { authorization }))).toMatchObject({ status: 401 });
  });

  test("an idempotency key, and its work is not done afterwards", async () => {
    const before = await links.stored();
    const lock = await links.hold("lock table trellis.once");
    const headers = { "idempotency-key": "waits" };
    const body = { target, alias: "waited-for-key" };
    expect(await problemOf(await send("POST", "/v1/links", body, headers))).toMatchObject(late);
    await lock.letGo();
    await expect.poll(inFlight).toBe(0);
    expect(await links.stored()).toEqual(before);
    // The key is free again.
    expect((await send("POST", "/v1/links", body, headers)).status).toBe(201);
  });

  test("a row, a whole table, or a connection where all of them wait", async () => {
    await links.make("cold", target);
    const lock = await links.hold("lock table links.link");
    // More than there are connections, of the pool and shared ones.
    const asked = Array.from({ length: 40 }, (_, index) => [
      send("PATCH", "/v1/links/cold", { target: `https://example.com/${index}` }),
      at("/v1/links/cold", { method: "DELETE" }),
      at("/cold"),
      at("/v1/links"),
    ]).flat();
    for (const answer of await Promise.all(asked)) expect(await problemOf(answer)).toMatchObject(late);
    await lock.letGo();
    await expect.poll(async () => (await send("POST", "/v1/links", { target })).status).toBe(201);
    await expect.poll(async () => (await at("/cold")).status).toBeLessThan(500);
  });

  test("a body that comes too slowly, with 408", async () => {
    const socket = connect(Number(new URL(links.url(0)).port), "127.0.0.1");
    const head = ["POST /v1/links HTTP/1.1", "Host: a", "Content-Type: application/json", "Content-Length: 99"];
    socket.write(`${[...head, `Authorization: Bearer ${links.key}`, "", ""].join("\r\n")}{"target":`);
    const [answer] = await once(socket.setEncoding("utf8"), "data");
    expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request-timeout"/);
    socket.destroy();
  });

  test("nothing at all, where its caller goes away", async () => {
    await links.make("left-alone", target);
    const lock = await links.hold("select * from links.link where code = 'left-alone' for update");
    const caller = new AbortController();
    const asked = at("/v1/links/left-alone", { method: "DELETE", signal: caller.signal }).catch(() => "gone");
    await expect.poll(inFlight).toBe(1);
    caller.abort();
    expect(await asked).toBe("gone");
    await lock.letGo();
    await expect.poll(inFlight).toBe(0);
  });
});
