import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { operationsContract } from "../packages/trellis/src/operations/contract.ts";
import { ordersApp, shopContract, storeContract } from "../packages/trellis/src/runtime/orders-app.contract.ts";
import { type ExposedFamily, parseExposition } from "../packages/trellis/src/telemetry/parse-exposition.contract.ts";
import { startTestApp, type TestApp } from "../packages/trellis/src/testing/test-app.ts";
import { repository } from "./helpers/checkout.ts";
import { metricsTable } from "./helpers/metrics-table.ts";

const canCheck = spawnSync("promtool", ["--version"]).status === 0;
if (!canCheck)
  console.warn("Without promtool its checks are left out: apt-get install prometheus, or brew install prometheus.");

let app: TestApp;
let text: string;
let families: ReadonlyMap<string, ExposedFamily>;

/** An app with a block of every kind that has done something of everything, and sends its traces nowhere. */
beforeAll(async () => {
  const told: string[] = [];
  app = await startTestApp(
    ordersApp((says) => told.push(says)),
    { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" } },
  );
  const shop = await app.client(shopContract);
  await shop.order({ body: { item: "ball" } });
  await shop.read({ params: { item: "ball" } });
  await (await app.client(storeContract)).look({ params: { item: "ball" } });
  const operations = await app.client(operationsContract, { scopes: ["operations:read", "operations:write"] });
  await operations.runSchedule({ params: { service: "store", name: "count" } });
  await vi.waitFor(() => expect(told).toHaveLength(3), 30_000);
  await vi.waitFor(async () => expect((await operations.schedules()).schedules[0]?.runs).toHaveLength(1), 30_000);
  const authorization = `Bearer ${await app.key(["metrics:read"])}`;
  text = await (
    await fetch(`http://127.0.0.1:${app.instances[0]?.port}/metrics`, { headers: { authorization } })
  ).text();
  families = parseExposition(text);
});
afterAll(() => app.stop());

const guide = (): Promise<string> => readFile(join(repository, "docs/telemetry.md"), "utf8");

test("docs/telemetry.md has every metric of Trellis's own that an app shows, and no other", async () => {
  expect(await guide()).toContain(metricsTable(families));
  // Those of gateways are in a table of their own.
  const named = (await guide()).match(/^\| `trellis_(?!gateway_|edge_|upstream_)\w+`/gm) ?? [];
  expect(named).toHaveLength([...families.keys()].filter((name) => name.startsWith("trellis_")).length - peaks());
});

const peaks = (): number => [...families.values()].filter(({ type }) => type === "histogram").length - 1;

test("docs/telemetry.md names no metric of the process that there is not", async () => {
  for (const [name] of (await guide()).matchAll(/\b(?:process|nodejs)_\w+/g))
    expect([...families.keys()]).toContain(name);
});

test.skipIf(!canCheck)("Prometheus itself reads what an app shows, and finds nothing to better in it", () => {
  const { status, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  // 3: readable, with advice. prom-client's own names are not ours to change.
  expect([0, 3]).toContain(status);
  expect(stderr.split("\n").filter((line) => line.startsWith("trellis_"))).toEqual([]);
  expect(stderr).not.toContain("error while linting");
});

test.skipIf(!canCheck)("Prometheus itself takes the configuration that docs/telemetry.md prints", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trellis-prometheus-"));
  const config = /```yaml\n([\s\S]*?)```/.exec(await guide())?.[1] ?? "";
  await writeFile(join(folder, "prometheus.yml"), config);
  await writeFile(join(folder, "trellis-key"), "tr_key");
  const { status, stderr } = spawnSync("promtool", ["check", "config", "prometheus.yml"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  await rm(folder, { recursive: true });
});
