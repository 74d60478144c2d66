import { request } from "node:http";
import { app } from "trellis";
import type { Client } from "trellis/contract";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { linksContract } from "../contract.ts";
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
    [
      "country",
      [
        ["US", 2, 4],
        ["IE", 2, 2],
        ["", 0, 1],
      ],
    ],
    [
      "referrer",
      [
        ["", 2, 10 - 2],
        ["google.com", 2, 2],
      ],
    ],
    [
      "device",
      [
        ["desktop", 2, 2],
        ["mobile", 2, 2],
      ],
    ],
    [
      "browser",
      [
        ["Chrome", 2, 2],
        ["Safari", 2, 2],
      ],
    ],
    [
      "os",
      [
        ["Windows", 2, 2],
        ["iOS", 2, 2],
      ],
    ],
    [
      "bot",
      [
        ["search-engine", 0, 2],
        ["other", 0, 1],
        ["social-preview", 0, 2],
      ],
    ],
    [
      "crawler",
      [
        ["Googlebot", 0, 2],
        ["", 0, 1],
        ["Slackbot", 0, 2],
      ],
    ],
  ] as const)("are broken down by %s", async (by, expected) => {
    const { values, others } = await api.breakdown({ params: { code }, query: { by } });
    console.log(by, JSON.stringify(values));
    expect(others).toEqual({ humans: 0, bots: 0, previews: 0, heads: 0 });
    for (const [value, humans] of expected) expect(values.find((one) => one.value === value)).toMatchObject({ humans });
  });
});
