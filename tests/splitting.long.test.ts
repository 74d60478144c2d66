import { get } from "node:http";
import { text } from "node:stream/consumers";
import { beforeEach, expect, test } from "vitest";
import { type FreshDatabase, freshDatabase } from "../packages/trellis/src/testing/fresh-database.ts";
import { read } from "./helpers/notes-app.ts";
import { reportsApp } from "./helpers/reports-app.ts";
import { kill, startTrellis, TrellisProcess } from "./helpers/trellis-process.ts";

interface Day {
  readonly pid: number | null;
  readonly because: string | null;
  readonly tookMs: number;
}

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase(process.env.TEST_DATABASE_URL);
  return () => database.drop();
});

/** Starts one instance of each group, as `trellis start` and orchestrators do. */
async function running(app: { readonly folder: string }, ...groups: readonly string[]) {
  const environment = { DATABASE_URL: database.url, TRELLIS_SECRET: "the same for all of the app's instances" };
  const start = (group: string) =>
    new TrellisProcess(["run", "--json", "--group", group, "--port", "0"], { ...app, environment });
  const started: TrellisProcess[] = [];
  for (const group of groups) {
    const one = start(group);
    await one.ready;
    started.push(one);
  }
  const [web, other] = started as [TrellisProcess, TrellisProcess | undefined];
  const { url } = await web.ready;
  const stop = () => Promise.all(started.map((one) => one.stop()));
  return { web, other, start, url, stop, day: () => read<Day>(`${url}/v1/day`) };
}

/** What a GET answers at that host, which `fetch` would look up. */
function atHost(host: string, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (answer) => text(answer).then(resolve, reject)).on("error", reject);
  });
}

/** Asks for `day` until it is answered by the service itself. */
async function untilAnswered(day: () => Promise<Day>): Promise<Day> {
  await expect.poll(async () => (await day()).because, { timeout: 20_000, interval: 50 }).toBeNull();
  return day();
}

test("a service that is split out answers its callers from a process of its own, and is not hosted elsewhere", async () => {
  const { url, day, web, other } = await running(reportsApp({ split: true, deadlineMs: 5_000 }), "web", "reports");
  expect((await untilAnswered(day)).pid).toBe(other?.pid);
  expect((await read<{ pid: number }>(`${url}/v1/hello`)).pid).toBe(web.pid);
  expect((await fetch(`${url}/v1/reports/day`)).status).toBe(404);
  const own = await other?.ready;
  expect((await fetch(`${own?.url}/v1/reports/day`)).status).toBe(200);
  expect((await fetch(`${own?.url}/v1/hello`)).status).toBe(404);
});

test("a service that is killed costs its callers only what they use it for, and is called again once it is back", async () => {
  const { url, day, web, other, start } = await running(
    reportsApp({ split: true, deadlineMs: 5_000 }),
    "web",
    "reports",
  );
  await untilAnswered(day);
  kill(other?.pid ?? 0);
  await other?.ended;
  const statuses = new Set<number>();
  const days: Day[] = [];
  for (let asked = 0; asked < 60; asked++) {
    statuses.add((await fetch(`${url}/v1/hello`)).status);
    days.push(await day());
  }
  expect([...statuses]).toEqual([200]);
  expect(days.every(({ pid }) => pid === null)).toBe(true);
  expect(days.at(-1)?.because).toMatch(/^it is not asked for now: /);
  const { url: privateUrl } = await web.ready;
  expect((await fetch(`${privateUrl}/readyz`)).status).toBe(200);
  const next = start("reports");
  await next.ready;
  expect((await untilAnswered(day)).pid).toBe(next.pid);
});

test("callers of a service that hangs wait for it a few times, not each time", async () => {
  const deadlineMs = 400;
  const { url, day, other } = await running(reportsApp({ split: true, deadlineMs }), "web", "reports");
  await untilAnswered(day);
  other?.signal("SIGSTOP");
  try {
    const waited = await Promise.all(Array.from({ length: 30 }, day));
    expect(waited.every(({ because }) => because?.startsWith("no answer in"))).toBe(true);
    const later = await Promise.all(Array.from({ length: 10 }, day));
    for (const { because, tookMs } of later) {
      expect(because).toMatch(/^it is not asked for now: .*no answer in/);
      expect(tookMs).toBeLessThan(deadlineMs / 2);
    }
    expect((await fetch(`${url}/v1/hello`)).status).toBe(200);
  } finally {
    other?.signal("SIGCONT");
  }
  expect((await untilAnswered(day)).pid).toBe(other?.pid);
});

test("trellis start runs it behind the gateway; killed, it is started again while every other request is answered", async () => {
  const { url } = await startTrellis(reportsApp({ split: true, deadlineMs: 5_000 })).ready;
  const day = () => read<Day>(`${url}/v1/day`);
  const { pid } = await untilAnswered(day);
  expect(JSON.parse(await atHost("reports.localhost", `${url}/v1/reports/day`))).toEqual({ pid });
  kill(pid ?? 0);
  const statuses = new Set<number>();
  await expect
    .poll(
      async () => {
        statuses.add((await fetch(`${url}/v1/hello`)).status);
        return (await day()).pid ?? pid;
      },
      { timeout: 30_000, interval: 20 },
    )
    .not.toBe(pid);
  expect([...statuses]).toEqual([200]);
});

test("a heavy batch holds up the other services where it shares their process, and not where it is split out", async () => {
  const batchMs = 1_500;
  const longestHello = async (split: boolean): Promise<number> => {
    const groups = split ? ["web", "reports"] : ["web"];
    const { url, day, stop } = await running(reportsApp({ split, deadlineMs: 20_000 }), ...groups);
    await untilAnswered(day);
    let isOver = false;
    const batch = fetch(`${url}/v1/batch`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ forMs: batchMs }),
    }).finally(() => {
      isOver = true;
    });
    let longestMs = 0;
    while (!isOver) {
      const begun = performance.now();
      await read(`${url}/v1/hello`);
      longestMs = Math.max(longestMs, performance.now() - begun);
    }
    expect((await batch).status).toBe(200);
    await stop();
    return longestMs;
  };
  const together = await longestHello(false);
  const apart = await longestHello(true);
  expect(together).toBeGreaterThan(batchMs / 2);
  expect(apart).toBeLessThan(together / 2);
});
