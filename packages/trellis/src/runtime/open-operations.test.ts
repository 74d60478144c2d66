import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { queue } from "../blocks/queue/queue.ts";
import { stream } from "../blocks/stream/stream.ts";
import { app } from "../model/app.ts";
import type { Client } from "../model/call.ts";
import { contract } from "../model/contract.ts";
import { post } from "../model/route.ts";
import { service } from "../model/service.ts";
import { operationsContract } from "../operations/contract.ts";
import { startTestApp, type TestApp } from "../testing/test-app.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const Sale = z.object({ shop: z.string(), cents: z.int() });
const shopContract = contract("shop", {
  order: post("/orders", { body: z.object({ kind: z.string() }), returns: z.object({ id: z.string() }) }),
  sell: post("/sales", { body: Sale, returns: z.object({ sold: z.boolean() }) }),
});
const gate = Promise.withResolvers<void>();
let sweeps = 0;
const shop = service(shopContract, {
  uses: {
    packing: queue(z.object({ kind: z.string() }), { retries: 0 }),
    sales: stream(Sale, { key: ({ shop: of }) => of, retries: 0 }),
  },
  routes: {
    order: async ({ body }, { packing }) => ({
      id: await packing.enqueue(body, body.kind === "later" ? { delay: "1d" } : {}),
    }),
    sell: async ({ body }, { sales }) => {
      await sales.append(body);
      return { sold: true };
    },
  },
  works: {
    packing: async ({ job, signal }) => {
      if (job.kind === "broken") throw new Error("It fell");
      if (job.kind === "slow")
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  },
  consumes: {
    sales: async ({ events }) => {
      if (events.some(({ cents }) => cents < 0)) throw new Error("Nobody sells below nothing");
    },
  },
  schedules: {
    sweep: {
      every: "1d",
      run: async () => {
        sweeps += 1;
      },
    },
    wait: { cron: "30 3 * * *", zone: "Europe/Paris", missed: "once", run: () => gate.promise },
  },
});

let running: TestApp;
let ask: Client<typeof operationsContract.routes>;
let buy: Client<typeof shopContract.routes>;

beforeAll(async () => {
  running = await startTestApp(app({ services: [shop] }));
  ask = await running.client(operationsContract, { scopes: ["operations:read", "operations:write"] });
  buy = await running.client(shopContract, { scopes: ["shop:use"], instance: 1 });
});
afterAll(async () => {
  gate.resolve();
  await running.stop();
});

const stateOf = async (id: string) => (await ask.job({ params: { id } })).state;

test("queues say what is in them, and a job what became of it", async () => {
  const { id } = await buy.order({ body: { kind: "plain" } });
  await expect.poll(() => stateOf(id)).toBe("done");
  await buy.order({ body: { kind: "later" } });
  const { queues } = await ask.queues();
  expect(queues).toContainEqual(expect.objectContaining({ queue: "shop.packing", waiting: 0, delayed: 1, dead: 0 }));
  expect(await ask.job({ params: { id } })).toMatchObject({ id, attempts: 1, error: null, progress: null });
  expect(await ask.job.try({ params: { id: "nothing-like-it" } })).toMatchObject({
    ok: false,
    failure: { code: "unknown-job" },
  });
});

test("dead jobs are listed by the page, begun anew and dropped", async () => {
  const ids: string[] = [];
  for (let index = 0; index < 3; index += 1) {
    const { id } = await buy.order({ body: { kind: "broken" } });
    ids.push(id);
    await expect.poll(() => stateOf(id)).toBe("dead");
  }
  const first = await ask.deadJobs({ query: { limit: 2, queue: "shop.packing" } });
  const second = await ask.deadJobs({ query: { limit: 2, cursor: first.next ?? "" } });
  expect([...first.jobs, ...second.jobs].map(({ id }) => id)).toEqual(ids.toReversed());
  expect(first.jobs[0]).toMatchObject({ queue: "shop.packing", attempts: 1, payload: '{"kind":"broken"}' });
  expect(first.jobs[0]?.error).toContain("It fell");
  expect(second.next).toBeNull();
  expect(await ask.retryJobs({ body: { ids: [ids[0] ?? ""] } })).toEqual({ count: 1 });
  await expect.poll(() => stateOf(ids[0] ?? "")).toBe("dead");
  expect(await ask.dropJobs({ body: { ids } })).toEqual({ count: 3 });
  expect(await ask.dropJobs({ body: { ids } })).toEqual({ count: 0 });
});

test("a job that runs is cancelled by hand, also on another instance", async () => {
  const { id } = await buy.order({ body: { kind: "slow" } });
  await expect.poll(() => stateOf(id)).toBe("running");
  expect(await ask.cancelJob({ params: { id } })).toEqual({ cancelled: true });
  await expect.poll(() => stateOf(id)).toBe("cancelled");
  expect(await ask.cancelJob({ params: { id } })).toEqual({ cancelled: false });
  expect(await ask.cancelJob({ params: { id: "nothing" } })).toEqual({ cancelled: false });
});

test("schedules are shown with their times, and run now", async () => {
  const { schedules } = await ask.schedules();
  expect(schedules.map(({ service: of, name, spec, zone, missed }) => [of, name, spec, zone, missed])).toEqual([
    ["shop", "sweep", "every 1d", null, "skip"],
    ["shop", "wait", "30 3 * * *", "Europe/Paris", "once"],
  ]);
  expect(schedules.every(({ next }) => next.length === 3)).toBe(true);
  const [before, sweep] = [sweeps, { service: "shop", name: "sweep" }];
  expect(await ask.runSchedule({ params: sweep })).toEqual({ started: true });
  await expect.poll(async () => (await ask.schedules()).schedules[0]?.runs.length).toBe(1);
  expect(sweeps).toBe(before + 1);
  expect((await ask.schedules()).schedules[0]?.runs).toMatchObject([{ outcome: "done", byHand: true, error: null }]);
  expect(await ask.runSchedule.try({ params: { service: "shop", name: "other" } })).toMatchObject({
    ok: false,
    failure: { code: "unknown-schedule" },
  });
});

test("a schedule whose run goes on is not begun a second time", async () => {
  const wait = { service: "shop", name: "wait" };
  expect(await ask.runSchedule({ params: wait })).toEqual({ started: true });
  expect(await ask.runSchedule({ params: wait })).toEqual({ started: false });
  await expect.poll(async () => (await ask.schedules()).schedules[1]?.runningSince).not.toBeNull();
  gate.resolve();
  await expect.poll(async () => (await ask.schedules()).schedules[1]?.runs.length).toBe(1);
});

test("streams say how far their consumers are; what was set aside is listed, retried, dropped", async () => {
  await buy.sell({ body: { shop: "north", cents: 100 } });
  await buy.sell({ body: { shop: "north", cents: -1 } });
  await expect.poll(async () => (await ask.setAside()).events.length, { timeout: 20_000 }).toBe(1);
  const [event] = (await ask.setAside({ query: { stream: "shop.sales" } })).events;
  expect(event).toMatchObject({ stream: "shop.sales", group: "shop", key: "north", retrying: false });
  expect(event?.reason).toContain("Nobody sells below nothing");
  const { streams, spools } = await ask.streams();
  expect(streams).toMatchObject([
    { service: "shop", name: "sales", appended: 2, groups: [{ group: "shop", lag: 0, setAside: 1 }] },
  ]);
  expect(
    spools.map(({ instance, waiting, unlogged, behindBecause }) => [instance, waiting, unlogged, behindBecause]),
  ).toEqual([
    ["web-1", 0, 0, null],
    ["web-2", 0, 0, null],
  ]);
  const ids = [event?.id ?? ""];
  expect(await ask.retrySetAside({ body: { ids } })).toEqual({ count: 1 });
  await expect.poll(async () => (await ask.setAside()).events[0]?.retrying, { timeout: 20_000 }).toBe(false);
  expect(await ask.dropSetAside({ body: { ids } })).toEqual({ count: 1 });
  expect((await ask.setAside()).events).toEqual([]);
});

test("a consumer is sent back by time or offset, where there is one", async () => {
  const from = { offset: 0 };
  expect(await ask.replay({ body: { stream: "shop.sales", group: "shop", from } })).toEqual({ replaying: true });
  const later = { time: new Date(Date.now() + 60_000).toISOString() };
  expect(await ask.replay({ body: { stream: "shop.sales", group: "shop", from: later } })).toEqual({ replaying: true });
  for (const body of [
    { stream: "shop.sales", group: "nobody", from },
    { stream: "shop.nothing", group: "shop", from },
  ])
    expect(await ask.replay.try({ body })).toMatchObject({ ok: false, failure: { code: "unknown-stream" } });
});

test("the instances that run are listed, each with the address that reaches it", async () => {
  const { instances } = await ask.instances();
  expect(instances.map(({ name, role, pid }) => [name, role, pid])).toEqual([
    ["web-1", "web", process.pid],
    ["web-2", "web", process.pid],
  ]);
  expect(instances.map(({ privateUrl }) => privateUrl)).toEqual(running.instances.map(({ privateUrl }) => privateUrl));
});

test("whoever may only read changes nothing, and without a key nothing is told", async () => {
  const reader = await running.client(operationsContract, { scopes: ["operations:read"] });
  await expect(reader.dropJobs({ body: { ids: ["1"] } })).rejects.toMatchObject({ code: "forbidden" });
  await expect(reader.runSchedule({ params: { service: "shop", name: "sweep" } })).rejects.toMatchObject({
    code: "forbidden",
  });
  expect((await reader.queues()).queues.length).toBeGreaterThan(0);
  const nobody = await running.client(operationsContract);
  await expect(nobody.queues()).rejects.toMatchObject({ code: "unauthenticated" });
});

test.each([
  ["/v1/operations/jobs/dead?limit=1000"],
  ["/v1/operations/jobs/dead?cursor=%27%3B"],
  ["/v1/operations/streams/set-aside?cursor=abc"],
  ["/v1/operations/streams/set-aside?stream=shop"],
])("%s is refused, naming the field", async (path) => {
  const key = await running.key(["*"]);
  const answer = await fetch(`${running.instances[0]?.privateUrl}${path}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ fields: [{ field: expect.stringContaining("query.") }] });
});

test("it is in the app's reference, under the app's title", async () => {
  const answer = await fetch(`${running.instances[0]?.privateUrl}/openapi.json`);
  const document = (await answer.json()) as { info: { title: string }; paths: Record<string, unknown> };
  expect(document.info.title).toBe("shop");
  expect(Object.keys(document.paths)).toContain("/v1/operations/schedules/{service}/{name}/run");
});
