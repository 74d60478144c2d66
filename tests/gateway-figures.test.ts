import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseExposition } from "../packages/trellis/src/telemetry/parse-exposition.contract.ts";
import { repository } from "./helpers/checkout.ts";
import { get } from "./helpers/http-load.ts";
import { menuApp } from "./helpers/menu-app.ts";
import { metricsTable } from "./helpers/metrics-table.ts";
import { startTrellis } from "./helpers/trellis-process.ts";

test("/metrics of an app shows what each of its gateways counts, and docs/telemetry.md has every metric of it", async () => {
  const { folder } = menuApp();
  const { url, ownerKey } = await startTrellis({ folder, environment: { TRELLIS_GATEWAYS: "2" } }).ready;
  for (let turn = 0; turn < 10; turn += 1) await get(`${url}/v1/dishes/soup`);
  const look = async () => {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${ownerKey}` } });
    return parseExposition(await answer.text());
  };
  // A gateway is connected to an instance from its first request or check on, which comes within two seconds.
  const gatewaysIn = (families: Awaited<ReturnType<typeof look>>) =>
    families
      .get("trellis_gateway_connections")
      ?.samples.map(({ labels }) => `${labels.role} ${labels.instance}`)
      .toSorted();
  const both = ["gateway gateway-1", "gateway gateway-2"];
  await expect.poll(async () => gatewaysIn(await look()), { timeout: 10_000, interval: 100 }).toEqual(both);
  const families = await look();
  const samplesOf = (name: string) => families.get(name)?.samples ?? [];
  const sum = (name: string, label: string, value: string) =>
    samplesOf(name)
      .filter(({ labels }) => labels[label] === value)
      .reduce((total, sample) => total + sample.value, 0);
  const route = "menu GET /v1/dishes/:id";
  expect(sum("trellis_edge_hits_total", "route", route) + sum("trellis_edge_misses_total", "route", route)).toBe(10);
  expect(sum("trellis_gateway_requests_total", "service", "menu")).toBeGreaterThanOrEqual(10);
  expect(sum("process_cpu_seconds_total", "instance", "gateway-1")).toBeGreaterThan(0);

  const own = [...families].filter(([name]) => /^trellis_(gateway|edge|upstream)_/.test(name));
  const guide = await readFile(join(repository, "docs/telemetry.md"), "utf8");
  const table = metricsTable(new Map(own));
  expect(guide, `Of gateways:\n${table}`).toContain(table);
});
