import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { signCaller } from "../blocks/http/endpoint/caller-header.ts";
import { type ExposedFamily, parseExposition } from "../telemetry/parse-exposition.contract.ts";
import { startTestApp, type TestApp } from "../testing/test-app.ts";
import { ordersApp, shopContract } from "./orders-app.contract.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const secret = "a secret that only instances know, and long enough";
const told: string[] = [];
let app: TestApp;
let key: string;

beforeAll(async () => {
  app = await startTestApp(
    ordersApp((says) => told.push(says)),
    { secret },
  );
  key = await app.key(["metrics:read"]);
});
afterAll(() => app.stop());

const own = (index: number): string => `${app.instances[index]?.privateUrl}/metrics`;
const shared = (index: number): string => `http://127.0.0.1:${app.instances[index]?.port}/metrics`;
const ask = (url: string, authorization = `Bearer ${key}`): Promise<Response> =>
  fetch(url, { headers: { authorization } });
const read = async (url: string): Promise<ReadonlyMap<string, ExposedFamily>> =>
  parseExposition(await (await ask(url)).text());
const sum = (families: ReadonlyMap<string, ExposedFamily>, name: string, labels: Record<string, string> = {}) =>
  (families.get(name)?.samples ?? [])
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((total, { value }) => total + value, 0);

describe("an instance's own port", () => {
  it("shows what Prometheus reads, of this instance alone", async () => {
    const answer = await ask(own(0));
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const families = parseExposition(await answer.text());
    const instances = new Set(
      [...families.values()].flatMap(({ samples }) => samples.map(({ labels }) => labels.instance)),
    );
    expect([...instances]).toEqual(["web-1"]);
  });

  it("shows requests, calls, statements, connections, cache, jobs and events", async () => {
    const shop = await app.client(shopContract, { instance: 0 });
    await shop.order({ body: { item: "ball" } });
    for (const _ of [1, 2, 3]) await shop.read({ params: { item: "ball" } });
    await vi.waitFor(() => expect(told).toEqual(expect.arrayContaining(["job ball", "event ball"])), 20_000);
    const families = await read(own(0));
    expect(sum(families, "trellis_http_answers_total", { service: "shop", route: "read", status: "2xx" })).toBe(3);
    expect(sum(families, "trellis_http_answers_total", { service: "store", way: "process", status: "2xx" })).toBe(1);
    expect(sum(families, "trellis_cache_hits_total", { service: "shop", tier: "process", kind: "fresh" })).toBe(2);
    expect(sum(families, "trellis_cache_misses_total", { service: "shop" })).toBe(1);
    expect(sum(families, "trellis_database_connections", { service: "store", state: "open" })).toBeGreaterThan(0);
    expect(families.get("trellis_queue_depth")?.samples.length).toBeGreaterThan(0);
    expect(families.get("trellis_stream_lag_events")?.samples.length).toBeGreaterThan(0);
    const statements = families
      .get("trellis_database_statement_seconds")
      ?.samples.map(({ labels }) => labels.statement);
    expect(statements).toContain("commit");
  });

  it("shows the process: event loop, processor, memory, threads, handles, garbage collection", async () => {
    const families = await read(own(0));
    expect(sum(families, "trellis_event_loop_utilization")).toBeGreaterThan(0);
    expect(sum(families, "process_resident_memory_bytes")).toBeGreaterThan(1e7);
    expect(sum(families, "process_cpu_seconds_total")).toBeGreaterThan(0);
    if (process.platform === "linux") expect(sum(families, "trellis_process_threads")).toBeGreaterThan(4);
    for (const name of ["nodejs_eventloop_lag_p99_seconds", "nodejs_active_handles", "nodejs_gc_duration_seconds"])
      expect(families.has(name), name).toBe(true);
  });
});

describe("the shared port", () => {
  it("shows every instance, whichever of them is asked", async () => {
    for (const index of [0, 1]) {
      const families = await read(shared(index));
      const instances = families.get("trellis_http_waiting")?.samples.map(({ labels }) => labels.instance);
      expect(new Set(instances)).toEqual(new Set(["web-1", "web-2"]));
      expect(sum(families, "trellis_instances_seen")).toBe(2);
    }
  });
});

describe("nobody reads them but who may", () => {
  it.each([
    ["nobody", {}, 401],
    ["a key that does not exist", { authorization: "Bearer tr_x" }, 401],
    ["a header that was signed with another secret", { "x-trellis-caller": "other" }, 401],
    ["a header that was signed for a service", { "x-trellis-caller": "service" }, 401],
  ])("%s is refused", async (_, sent, status) => {
    const caller = (sent as Record<string, string>)["x-trellis-caller"];
    const claims = {
      actor: { id: "x", workspace: "x", scopes: ["metrics:read"] },
      service: caller === "service" ? "shop" : "trellis:metrics",
      expiresMs: Date.now() + 10_000,
    } as const;
    const header = caller && signCaller(claims, caller === "other" ? "other" : secret);
    const headers: Record<string, string> = header ? { "x-trellis-caller": header } : { ...sent };
    for (const url of [own(0), shared(0)]) expect((await fetch(url, { headers })).status).toBe(status);
  });

  it("a key without the scope is told what it needs; the owner's has it", async () => {
    const other = await app.key(["links:read"]);
    const refused = await ask(own(0), `Bearer ${other}`);
    expect([refused.status, await refused.json()]).toMatchObject([403, { detail: "This needs: scope metrics:read" }]);
    expect((await ask(own(0), `Bearer ${await app.key(["*"])}`)).status).toBe(200);
  });
});

it("nothing is measured and nothing shown where TRELLIS_METRICS is no", async () => {
  const off = await startTestApp(
    ordersApp(() => undefined),
    { instances: 1, environment: { TRELLIS_METRICS: "no" } },
  );
  const owner = await off.key(["*"]);
  const answer = await ask(`${off.instances[0]?.privateUrl}/metrics`, `Bearer ${owner}`);
  expect([answer.status, await answer.json()]).toMatchObject([404, { code: "unknown-route" }]);
  await off.stop();
});
