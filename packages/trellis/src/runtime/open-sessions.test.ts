import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { anyone } from "../model/actor.ts";
import { app } from "../model/app.ts";
import { contract } from "../model/contract.ts";
import { nothing } from "../model/reply.ts";
import { get, post } from "../model/route.ts";
import { service } from "../model/service.ts";
import { startTestApp, type TestApp } from "../testing/test-app.ts";
import { type TestClock, testClock } from "../testing/test-clock.ts";
import type { OpenPlan } from "./open.ts";

const notesContract = contract("notes", {
  mine: get("/notes", { returns: z.object({ workspace: z.string() }) }),
  write: post("/notes", { returns: nothing() }),
  front: get("/front", { returns: z.object({ who: z.string() }), allow: anyone }),
});
const notes = service(notesContract, {
  uses: {},
  routes: {
    mine: ({ actor }) => ({ workspace: actor.workspace }),
    write: () => undefined,
    front: ({ actor }) => ({ who: actor?.workspace ?? "nobody" }),
  },
});

let running: TestApp;
let clock: TestClock;
let url: string;
/** The first instance, with everything in it. */
let opened: OpenPlan;
beforeAll(async () => {
  clock = testClock();
  running = await startTestApp(app({ services: [notes] }), { clock });
  const [first] = running.instances;
  if (!first) throw new Error("two instances were asked for");
  url = first.privateUrl;
  opened = first.opened;
});
afterAll(() => running.stop());

const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: object): Promise<Response> =>
  fetch(url + path, {
    method,
    headers: { ...(body ? { "content-type": "application/json" } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

/** What a browser then sends as `cookie`. */
async function signIn(workspace = "acme"): Promise<{ readonly cookie: string }> {
  const key = await running.key(["notes:write"], workspace);
  const answer = await ask("POST", "/v1/session", {}, { key });
  return { cookie: answer.headers.get("set-cookie")?.split(";")[0] ?? "" };
}

describe("a browser's session", () => {
  it("begins with a key, kept in a cookie that no script reads and no other site sends", async () => {
    const key = await running.key(["*"], "acme");
    const answer = await ask("POST", "/v1/session", {}, { key: ` ${key}\n` });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("set-cookie")).toBe(
      `trellis_session=${key}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict`,
    );
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("is sent over TLS alone where the app is reached so", async () => {
    const key = await running.key(["*"]);
    const answer = await ask("POST", "/v1/session", { "x-forwarded-proto": "https" }, { key });
    expect(answer.headers.get("set-cookie")).toMatch(/; Secure$/);
  });

  it("says who is signed in", async () => {
    const { key, text } = await opened.keys.create({
      workspace: "acme",
      scopes: ["notes:write"],
      label: "Ada's laptop",
    });
    const cookie = `theme=dark; trellis_session=${text}; other=1`;
    const answer = await ask("GET", "/v1/session", { cookie });
    expect(await answer.json()).toEqual({
      workspace: "acme",
      scopes: ["notes:write"],
      keyId: key.id,
      label: "Ada's laptop",
    });
    expect(await (await ask("GET", "/notes", { cookie })).json()).toEqual({ workspace: "acme" });
    expect(await (await ask("GET", "/front", { cookie })).json()).toEqual({ who: "acme" });
  });

  it("gives way to a key that is sent on purpose, even to a wrong one", async () => {
    const session = await signIn("acme");
    const other = `Bearer ${await running.key(["*"], "other")}`;
    expect(await (await ask("GET", "/notes", { ...session, authorization: other })).json()).toEqual({
      workspace: "other",
    });
    expect((await ask("GET", "/notes", { ...session, authorization: "Bearer nothing" })).status).toBe(401);
  });

  it("ends when the person ends it, and when its key is revoked", async () => {
    const ended = await ask("DELETE", "/v1/session", await signIn());
    expect(ended.status).toBe(204);
    expect(ended.headers.get("set-cookie")).toBe("trellis_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");

    const session = await signIn();
    expect((await ask("GET", "/notes", session)).status).toBe(200);
    const { keyId } = (await (await ask("GET", "/v1/session", session)).json()) as { keyId: string };
    await opened.keys.revoke(keyId);
    expect((await ask("GET", "/notes", session)).status).toBe(401);
    expect((await ask("GET", "/v1/session", session)).status).toBe(401);
    expect((await ask("DELETE", "/v1/session", session)).status).toBe(204);
  });

  it("leaves no key with the answers that are kept for retries", async () => {
    const key = await running.key(["*"]);
    const answer = await ask("POST", "/v1/session", { "idempotency-key": "again" }, { key });
    expect(answer.status).toBe(204);
    const { database } = opened;
    expect(await database.platform.query("select * from trellis.once")).toEqual([]);
  });

  it.each([
    ["a page of another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
    ["a page of a neighbouring site", { "sec-fetch-site": "same-site" }],
    ["a page elsewhere in an older browser", { origin: "https://evil.example" }],
    ["a page without an address", { origin: "null" }],
  ])("changes nothing for %s", async (_, headers) => {
    const session = await signIn();
    const refused = await ask("POST", "/notes", { ...session, ...headers });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: "forbidden", cure: expect.stringContaining("authorization") });
    expect((await ask("DELETE", "/v1/session", { ...session, ...headers })).status).toBe(403);
    expect((await ask("GET", "/notes", { ...session, ...headers })).status).toBe(200);
    const authorization = `Bearer ${await running.key(["*"])}`;
    expect((await ask("POST", "/notes", { ...session, ...headers, authorization })).status).toBe(204);
  });

  it.each([
    ["the browser says so", () => ({ "sec-fetch-site": "same-origin" })],
    ["the person typed it", () => ({ "sec-fetch-site": "none" })],
    ["its page is ours", () => ({ origin: url })],
    ["no browser sends it", () => ({})],
  ])("changes what its own pages ask for: %s", async (_, headers) => {
    expect((await ask("POST", "/notes", { ...(await signIn()), ...headers() })).status).toBe(204);
  });
});

describe("signing in", () => {
  it("refuses a key that there is not, and says what to do", async () => {
    const answer = await ask("POST", "/v1/session", {}, { key: "trellis_0123456789abcdef_guess" });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await answer.json()).toMatchObject({
      code: "unknown-key",
      cure: expect.stringContaining("trellis key new"),
    });
  });

  it("has an address wait that tries many keys, and no other one", async () => {
    const from = (address: string) => ({ "x-forwarded-for": address });
    const guess = () => ask("POST", "/v1/session", from("203.0.113.9"), { key: "guess" });
    const statuses: number[] = [];
    for (let tries = 0; tries < 21; tries += 1) statuses.push((await guess()).status);
    expect(statuses).toEqual([...Array(20).fill(401), 429]);
    const key = await running.key(["*"]);
    expect((await ask("POST", "/v1/session", from("203.0.113.10"), { key })).status).toBe(204);
    await clock.advance(60_000);
    expect((await ask("POST", "/v1/session", from("203.0.113.9"), { key })).status).toBe(204);
  });
});

it("is in the reference, with the cookie as the other way to sign in", async () => {
  const document = (await (await ask("GET", "/openapi.json")).json()) as {
    paths: Record<string, Record<string, { security: unknown; parameters?: unknown }>>;
    components: { securitySchemes: object };
  };
  expect(document.components.securitySchemes).toMatchObject({
    session: { type: "apiKey", in: "cookie", name: "trellis_session" },
  });
  expect(Object.keys(document.paths["/v1/session"] ?? {})).toEqual(["post", "get", "delete"]);
  expect(document.paths["/notes"]?.get?.security).toEqual([{ key: [] }, { session: [] }]);
  expect(document.paths["/v1/session"]?.post?.parameters).toBeUndefined();
});
