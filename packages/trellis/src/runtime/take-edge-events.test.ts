import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { anyone, calls, contract, get, redirect, service, stream, TrellisError } from "../index.ts";
import { app } from "../model/app.ts";
import type { Log, LogFacts } from "../model/log.ts";
import { silentLog } from "../testing/silent-log.ts";
import { startTestApp, type TestApp } from "../testing/test-app.ts";

const Click = z.object({
  id: z.int(),
  at: z.number(),
  method: z.string(),
  url: z.string(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  country: z.string(),
  visitor: z.number().optional(),
});
type Click = z.infer<typeof Click>;

const idsContract = contract("ids", {
  of: get("/v1/ids/:code", { returns: z.object({ id: z.int() }), allow: anyone }),
});
let idsAway = false;
const ids = service(idsContract, {
  uses: {},
  routes: {
    of: ({ params: { code } }) => {
      if (idsAway) throw new TrellisError("unavailable");
      return { id: Number(code.slice(1)) };
    },
  },
});

const Account = z.object({ spooled: z.int(), inSpools: z.int(), forwarded: z.int(), unlogged: z.int() });
const edge = { maxAge: "5m", event: { headers: ["referer", "user-agent"] } } as const;
const linksContract = contract("links", {
  follow: get("/go/:code", { returns: redirect(), allow: anyone, edge }),
  page: get("/page/:number", {
    params: z.object({ number: z.coerce.number().int() }),
    returns: redirect(),
    allow: anyone,
    edge,
  }),
  account: get("/v1/account", { returns: Account, allow: anyone }),
});

const got: Click[] = [];
const to = () => ({ to: "https://example.com/" });
const links = service(linksContract, {
  uses: { clicks: stream(Click, { key: ({ id }) => String(id) }), ids: calls(idsContract) },
  routes: { follow: to, page: to, account: (_, { clicks }) => clicks.account() },
  edgeEvents: {
    follow: {
      stream: "clicks",
      event: async ({ params: { code }, client, ...told }, use) => {
        if (code === "broken") throw new Error("the mapping is broken");
        if (code === "shape") return { id: "none" } as never;
        if (code === "none") return undefined;
        const { id } = await use.ids.of({ params: { code } });
        const { visitor } = client;
        return { ...told, id, headers: { ...told.headers }, country: client.country, ...(visitor ? { visitor } : {}) };
      },
    },
    page: {
      stream: "clicks",
      event: ({ params, client: { country }, headers: _, ...told }) => ({
        ...told,
        id: params.number,
        headers: {},
        country,
      }),
    },
  },
  consumes: {
    clicks: async ({ events }) => void got.push(...events),
  },
});

let running: TestApp;
const lines: { says: string; facts: LogFacts | undefined }[] = [];
const keep = (says: string, facts?: LogFacts): void => void lines.push({ says, facts });
const log: Log = { ...silentLog, warn: keep, error: keep, with: () => log };
beforeAll(async () => {
  running = await startTestApp(app({ services: [links, ids] }), { log });
}, 60_000);
afterAll(() => running?.stop(), 60_000);
beforeEach(() => {
  got.length = 0;
  lines.length = 0;
});

const account = async (instance = 0) => (await running.client(linksContract, { instance })).account();
const unmade = () =>
  lines.filter(({ says }) => says.startsWith("events of the edge")).map(({ facts }) => facts?.because);

test("a mapping is given what the edge has recorded, with the parameters of its route, and may call other services", async () => {
  const before = await account();
  await running.answerAtEdge(
    linksContract,
    "follow",
    {
      url: "/go/c7?from=mail",
      method: "HEAD",
      status: 304,
      at: 1_000,
      country: "FR",
      visitor: 5,
      headers: { Referer: "https://a.example/", cookie: "secret" },
    },
    { url: "/go/c%38" },
  );
  await running.answerAtEdge(linksContract, "page", { url: "/page/9", at: 2_000 });
  await expect.poll(() => got.length).toBe(3);
  expect(got.toSorted((one, other) => one.id - other.id)).toEqual([
    {
      id: 7,
      at: 1_000,
      method: "HEAD",
      url: "/go/c7?from=mail",
      status: 304,
      headers: { referer: "https://a.example/" },
      country: "FR",
      visitor: 5,
    },
    expect.objectContaining({ id: 8, url: "/go/c%38", method: "GET", status: 200, country: "" }),
    expect.objectContaining({ id: 9, at: 2_000 }),
  ]);
  const after = await account(1);
  expect(after).toEqual({ ...before, spooled: before.spooled + 3, forwarded: before.forwarded + 3 });
});

test("what a mapping makes no event of is unlogged with its reason, and the others around it are there", async () => {
  const before = await account();
  const urls = ["/go/c1", "/go/broken", "/go/none", "/go/shape", "/elsewhere", "/go/none", "/go/c2"];
  await running.answerAtEdge(linksContract, "follow", ...urls.map((url) => ({ url })));
  await expect.poll(() => got.length).toBe(2);
  expect(got.map(({ id }) => id).toSorted()).toEqual([1, 2]);
  expect(await account()).toEqual({
    ...before,
    spooled: before.spooled + 7,
    forwarded: before.forwarded + 2,
    unlogged: before.unlogged + 5,
  });
  expect(unmade().toSorted()).toEqual([
    'follow: "/elsewhere" is not an address of /go/:code',
    expect.stringMatching(/^follow: event\.id: /),
    "follow: the mapping is broken",
    'the mapping of "follow" gives none',
  ]);
});

test("while what a mapping asks is away nothing is lost: in flight, then made", async () => {
  const before = await account();
  idsAway = true;
  await running.answerAtEdge(linksContract, "follow", { url: "/go/c1" }, { url: "/go/c2" });
  expect(await account()).toMatchObject({
    spooled: before.spooled + 2,
    inSpools: before.inSpools + 2,
    unlogged: before.unlogged,
  });
  idsAway = false;
  await expect.poll(() => got.length, { timeout: 10_000 }).toBe(2);
  expect(unmade()).toEqual([]);
});

test("an instance that ends gives back what it could not bring in, and another one does", async () => {
  const another = await startTestApp(app({ services: [links, ids] }), { log });
  onTestFinished(() => another.stop());
  idsAway = true;
  for (const code of ["c1", "c2", "c3", "c4", "c5", "c6"])
    await another.answerAtEdge(linksContract, "follow", { url: `/go/${code}` });
  await another.instances[0]?.stop();
  idsAway = false;
  await expect.poll(() => got.map(({ id }) => id).toSorted(), { timeout: 10_000 }).toEqual([1, 2, 3, 4, 5, 6]);
  const remaining = await another.client(linksContract, { instance: 1 });
  expect(await remaining.account()).toEqual({ spooled: 6, inSpools: 0, forwarded: 6, unlogged: 0 });
  expect(unmade()).toEqual([]);
}, 60_000);
