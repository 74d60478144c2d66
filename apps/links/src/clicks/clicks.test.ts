import { readdir, readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { app } from "trellis";
import type { Client } from "trellis/contract";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LiveClicks, linksContract } from "../contract.ts";
import { links } from "../service.ts";
import { hourOf, hourStart } from "./hours.ts";

type Api = Client<typeof linksContract.routes>;

const chrome =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
const iPhone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
const googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const slackbot = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)";

let running: TestApp;
let api: Api;
let owner: Api;

beforeAll(async () => {
  running = await startTestApp(app({ services: [links] }));
  api = await running.client(linksContract, { scopes: ["links:read", "links:write"] });
  owner = await running.client(linksContract, { scopes: ["*"], instance: 1 });
}, 60_000);

afterAll(() => running?.stop(), 60_000);

const url = (instance = 0) => running.instances[instance]?.privateUrl ?? "";

interface Visit {
  readonly userAgent?: string;
  readonly referer?: string;
  readonly ip?: string;
  readonly method?: "GET" | "HEAD";
  readonly instance?: number;
}

/** Follows a link as `visit` says. Loopback may say for whom it asks. */
function visit(code: string, { userAgent, referer, ip, method = "GET", instance = 0 }: Visit = {}): Promise<number> {
  const headers = {
    ...(userAgent === undefined ? {} : { "user-agent": userAgent }),
    ...(referer === undefined ? {} : { referer }),
    ...(ip === undefined ? {} : { "x-forwarded-for": ip }),
  };
  return new Promise((resolve, reject) => {
    request(`${url(instance)}/${code}`, { method, headers }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode ?? 0));
    })
      .once("error", reject)
      .end();
  });
}

async function settled(): Promise<void> {
  await vi.waitFor(async () => expect((await owner.reconciliation()).inFlight).toBe(0), { timeout: 10_000 });
}

describe("clicks of one link", () => {
  let code: string;
  let before: number;

  beforeAll(async () => {
    before = (await owner.reconciliation()).answered;
    ({ code } = await api.shorten({ body: { target: "https://example.com/" } }));
    const google = "https://www.google.com/search?q=trellis";
    for (const instance of [0, 1]) {
      expect(await visit(code, { userAgent: chrome, ip: "8.8.8.8", referer: google, instance })).toBe(302);
      expect(await visit(code, { userAgent: iPhone, ip: "2a00:1450:4001::1", instance })).toBe(302);
      expect(await visit(code, { userAgent: googlebot, ip: "66.249.66.1", instance })).toBe(302);
      expect(await visit(code, { userAgent: slackbot, ip: "3.3.3.3", instance })).toBe(302);
    }
    expect(await visit(code, { userAgent: chrome, ip: "8.8.8.8", method: "HEAD" })).toBe(302);
    expect(await visit(code)).toBe(302);
    expect(await visit("never-was")).toBe(404);
    await settled();
  });

  test("are each counted once, in the series that they belong to", async () => {
    const link = await api.read({ params: { code } });
    expect(link.clicks).toEqual({ humans: 4, bots: 3, previews: 2, heads: 1 });
    expect(link.lastDay.at(-1)).toBe(4);
    expect(link.lastDay).toHaveLength(24);
  });

  test("reconcile to the unit, what was not found not being one", async () => {
    const { answered, counted, inFlight, unlogged, series } = await owner.reconciliation();
    expect(answered - before).toBe(10);
    expect(answered).toBe(counted + inFlight + unlogged);
    expect(series.humans + series.bots + series.previews + series.heads).toBe(counted);
  });

  test("are shown by the hour and by the day, people told apart across instances", async () => {
    const now = Date.now();
    const byHour = await api.clicks({ params: { code }, query: {} });
    expect(byHour.points).toHaveLength(24);
    expect(byHour.points.at(-1)?.at).toBe(hourStart(hourOf(now)));
    expect(byHour.total).toEqual({ humans: 4, bots: 3, previews: 2, heads: 1, uniques: 2 });
    const byDay = await api.clicks({ params: { code }, query: { unit: "day" } });
    expect(byDay.points).toHaveLength(30);
    expect(byDay.points.at(-1)).toMatchObject({ humans: 4, uniques: 2 });
  });

  test.each([
    ["country", { US: [2, 2, 2, 1], IE: [2, 0, 0, 0], "": [0, 1, 0, 0] }],
    ["referrer", { "": [2, 3, 2, 1], "google.com": [2, 0, 0, 0] }],
    ["device", { desktop: [2, 0, 0, 0], mobile: [2, 0, 0, 0] }],
    ["browser", { Chrome: [2, 0, 0, 0], Safari: [2, 0, 0, 0] }],
    ["os", { Windows: [2, 0, 0, 0], iOS: [2, 0, 0, 0] }],
    ["bot", { "search-engine": [0, 2, 0, 0], other: [0, 1, 0, 0], "social-preview": [0, 0, 2, 0] }],
    ["crawler", { Googlebot: [0, 2, 0, 0], "": [0, 1, 0, 0], Slackbot: [0, 0, 2, 0] }],
  ] as const)("are broken down by %s", async (by, expected) => {
    const { values, others } = await api.breakdown({ params: { code }, query: { by } });
    expect(others).toEqual({ humans: 0, bots: 0, previews: 0, heads: 0 });
    const shares = values.map(({ value, humans, bots, previews, heads }) => [value, [humans, bots, previews, heads]]);
    expect(Object.fromEntries(shares)).toEqual(expected);
  });

  test("beyond the limit are told together", async () => {
    const { values, others } = await api.breakdown({ params: { code }, query: { by: "country", limit: 1 } });
    expect(values).toEqual([{ value: "US", humans: 2, bots: 2, previews: 2, heads: 1 }]);
    expect(others).toEqual({ humans: 2, bots: 1, previews: 0, heads: 0 });
  });

  test("are nobody's business in another workspace, and reconciling is the owner's", async () => {
    const other = await running.client(linksContract, { scopes: ["links:read"], workspace: "other" });
    for (const asked of [
      other.clicks.try({ params: { code }, query: {} }),
      other.breakdown.try({ params: { code }, query: { by: "os" } }),
      other.live.try({ params: { code } }),
      other.qr.try({ params: { code }, query: {} }),
    ])
      expect(await asked).toMatchObject({ ok: false, failure: { code: "unknown-code" } });
    await expect(api.reconciliation()).rejects.toMatchObject({ code: "forbidden" });
  });

  test("leave no trace of an address, neither in the database nor in the files of the spool", async () => {
    expect(await traces(["8.8.8.8", "2a00:1450:4001", "66.249.66.1", "3.3.3.3"])).toEqual([]);
    // The search finds what is there.
    expect(await traces([code])).not.toEqual([]);
  });
});

/** Where any of the texts is found in any row of any table, or in a file of the app's folder. */
async function traces(texts: readonly string[]): Promise<readonly string[]> {
  const tables = await rows<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('links', 'trellis')",
  );
  const found: string[] = [];
  for (const { name } of tables)
    for (const text of texts)
      if ((await rows(`select 1 from ${name} as t where position($1 in t::text) > 0 limit 1`, [text])).length > 0)
        found.push(`${text} in ${name}`);
  for (const file of await readdir(running.folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const content = await readFile(join(file.parentPath, file.name));
    found.push(...texts.filter((text) => content.includes(text)).map((text) => `${text} in ${file.name}`));
  }
  return found;
}

function rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
  const { platform } = running.instances[0]?.opened.database ?? {};
  if (!platform) throw new Error("No instance runs");
  return platform.query<Row>(text, values);
}

describe("live clicks", () => {
  test("of one link are told at once and whenever some are counted, on any instance, and end with the listener", async () => {
    const { code } = await api.shorten({ body: { target: "https://example.com/live" } });
    const leave = new AbortController();
    const elsewhere = await running.client(linksContract, { scopes: ["links:read"], instance: 1 });
    const heard = (await elsewhere.live({ params: { code } }, { signal: leave.signal }))[Symbol.asyncIterator]();
    const next = async (): Promise<LiveClicks> => (await heard.next()).value;
    expect(await next()).toMatchObject({ total: { humans: 0 }, since: { humans: 0 }, latest: [], behindBecause: null });
    await visit(code, { userAgent: iPhone, ip: "8.8.8.8", referer: "https://example.org/x" });
    let told = await next();
    while (told.total.humans === 0) told = await next();
    const { at, ...latest } = told.latest[0] ?? { at: "" };
    expect(Date.parse(at)).toBeGreaterThan(0);
    expect(latest).toEqual({
      series: "humans",
      country: "US",
      referrer: "example.org",
      device: "mobile",
      browser: "Safari",
      os: "iOS",
      bot: "",
      crawler: "",
    });
    expect(told).toMatchObject({ total: { humans: 1, bots: 0 }, since: { humans: 1 } });
    await visit(code, { userAgent: googlebot });
    while (told.total.bots === 0) told = await next();
    expect(told.latest.map(({ crawler }) => crawler)).toEqual(["Googlebot", ""]);
    const listeners = () => running.instances[1]?.opened.stats()["links.live"]?.listeners;
    expect(listeners()).toBe(1);
    leave.abort();
    await heard.next().catch(() => undefined);
    await expect.poll(listeners).toBe(0);
  });
});

describe("many clicks", () => {
  test("of a hundred and fifty referrers in an hour are told apart by a hundred, and none is lost", async () => {
    const { code } = await api.shorten({ body: { target: "https://example.com/many" } });
    const ask = (place: number) => visit(code, { userAgent: chrome, referer: `https://site-${place}.example/` });
    await Promise.all(Array.from({ length: 120 }, (_, place) => ask(place)));
    await settled();
    await Promise.all(Array.from({ length: 40 }, (_, place) => ask(place + 110)));
    await settled();
    const { values, others } = await api.breakdown({ params: { code }, query: { by: "referrer", limit: 100 } });
    expect(others.humans + values.reduce((sum, { humans }) => sum + humans, 0)).toBe(160);
    const [row] = await rows<{ kept: number; others: number }>(
      `select count(*)::int as kept, (sum(humans) filter (where value = '(other)'))::int as others
       from links.link_hour_share where dimension = 2 and link_id = (select id from links.link where code = $1)`,
      [code],
    );
    expect(row?.kept).toBe(101);
    expect(row?.others).toBeGreaterThanOrEqual(50);
  });
});
