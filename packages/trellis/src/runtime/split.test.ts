import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { client } from "../blocks/http/client/client.ts";
import { calls, contract, get, post, queue, service } from "../index.ts";
import { anyone } from "../model/actor.ts";
import { app } from "../model/app.ts";
import type { Client } from "../model/call.ts";
import { plan, type Role } from "../model/plan.ts";
import { operationsContract } from "../operations/contract.ts";
import { circuitDefaults } from "../policies/circuit-breaker.ts";
import { parseExposition } from "../telemetry/parse-exposition.contract.ts";
import { freshDatabase } from "../testing/fresh-database.ts";
import { silentLog } from "../testing/silent-log.ts";
import { startTestApp, type TestApp } from "../testing/test-app.ts";
import { startInstance } from "./instance.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const Day = z.object({ day: z.string() });
const reportsContract = contract("reports", { day: get("/reports/:day", { returns: Day, allow: anyone }) });
const Job = z.object({ day: z.string() });
const shopContract = contract("shop", {
  day: get("/days/:day", { returns: z.object({ day: z.string().nullable() }), allow: anyone }),
  later: post("/later", { body: Job, returns: Job, allow: anyone }),
});

const begun: string[] = [];
const worked: string[] = [];
const ran: string[] = [];
const reports = service(reportsContract, {
  uses: {},
  routes: { day: ({ params }) => params },
  schedules: { nightly: { every: "1d", run: async () => void ran.push("nightly") } },
});
const shop = service(shopContract, {
  uses: { reports: calls(reportsContract, { deadline: "5s" }), later: queue(Job) },
  routes: {
    day: async ({ params }, { reports }) => {
      const tried = await reports.day.try({ params });
      return { day: tried.ok ? tried.value.day : null };
    },
    later: async ({ body }, { later }) => {
      await later.enqueue(body);
      return body;
    },
  },
  works: {
    later: async ({ job }, { reports }) => {
      begun.push(job.day);
      worked.push((await reports.day({ params: job })).day);
    },
  },
});

describe("a service that is split out", () => {
  let running: TestApp;
  let api: Client<(typeof shopContract)["routes"]>;
  let operations: Client<(typeof operationsContract)["routes"]>;
  const figure = async (name: string): Promise<number | undefined> => {
    const authorization = `Bearer ${await running.key(["metrics:read"])}`;
    const answer = await fetch(`${running.instances[0]?.privateUrl}/metrics`, { headers: { authorization } });
    const samples = parseExposition(await answer.text()).get(name)?.samples ?? [];
    return samples.find(({ labels }) => labels.service === "shop" && labels.to === "reports")?.value;
  };

  beforeAll(async () => {
    running = await startTestApp(app({ services: [shop, reports], split: { reports: { role: "worker" } } }), {
      instances: 1,
    });
    api = await running.client(shopContract);
    operations = await running.client(operationsContract, { scopes: ["operations:read", "operations:write"] });
  });
  afterAll(() => running.stop());

  it("is found by those that call it as soon as it runs", async () => {
    expect(await api.day({ params: { day: "monday" } })).toEqual({ day: "monday" });
  });

  it("runs in instances of its own, which its clients in tests ask", async () => {
    const { instances } = await operations.instances();
    expect(instances.map(({ name, role }) => [name, role])).toEqual([
      ["web-1", "web"],
      ["reports-1", "worker"],
    ]);
    const direct = await running.client(reportsContract);
    expect(await direct.day({ params: { day: "friday" } })).toEqual({ day: "friday" });
  });

  it("has its schedules run there, and looked at and started from anywhere", async () => {
    const { schedules } = await operations.schedules();
    expect(schedules).toMatchObject([{ service: "reports", name: "nightly" }]);
    await operations.runSchedule({ params: { service: "reports", name: "nightly" } });
    await expect.poll(() => ran, { timeout: 10_000 }).toEqual(["nightly"]);
    const after = await operations.schedules();
    expect(after.schedules[0]?.runs[0]?.instance).toBe("reports-1");
  });

  it("is answered by jobs of others too, at once and not in the name of the request that enqueued them", async () => {
    await api.later({ body: { day: "tuesday" } });
    await expect.poll(() => worked, { timeout: 10_000 }).toEqual(["tuesday"]);
    expect(begun).toEqual(["tuesday"]);
  });

  it("leaves its callers ready and answering when it is gone, and people and figures say why it is not asked", async () => {
    expect(await figure("trellis_calls_circuit_open")).toBe(0);
    await running.instances[1]?.stop();
    for (let asked = 0; asked < 2 * circuitDefaults.requestsMin; asked++)
      expect(await api.day({ params: { day: "sunday" } })).toEqual({ day: null });
    expect((await fetch(`${running.instances[0]?.privateUrl}/readyz`)).status).toBe(200);
    expect(await figure("trellis_calls_circuit_open")).toBe(1);
    const { calls: looks } = await operations.calls();
    expect(looks).toMatchObject([{ instance: "web-1", from: "shop", to: "reports", circuit: "open", underWay: 0 }]);
    expect(looks[0]?.because).toMatch(/no instance of it is known to run|connection refused/);
    expect(Date.parse(looks[0]?.retryAt ?? "")).not.toBeNaN();
  });
});

it("a shared worker's jobs call the services of their own process, though it answers no requests", async () => {
  const database = await freshDatabase(process.env.TEST_DATABASE_URL);
  const folder = await mkdtemp(join(tmpdir(), "trellis-split-"));
  const made = plan(app({ services: [shop, reports] }), { NODE_ENV: "test", PORT: "0", TRELLIS_WORKERS: "1" });
  const start = (role: Role) =>
    startInstance(made, { databaseUrl: database.url, secret: "s", log: silentLog, folder, role, name: `${role}-1` });
  const [worker, web] = [await start("worker"), await start("web")];
  try {
    expect((await fetch(`${worker.privateUrl}/reports/monday`)).status).toBe(404);
    await client(shopContract, { url: web.privateUrl }).later({ body: { day: "thursday" } });
    await expect.poll(() => worked, { timeout: 10_000 }).toContain("thursday");
  } finally {
    await Promise.all([worker.stop(), web.stop()]);
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
});
