import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ExposedFamily, parseExposition } from "../packages/trellis/src/telemetry/parse-exposition.contract.ts";
import { repository } from "./helpers/checkout.ts";
import { get } from "./helpers/http-load.ts";
import { menuApp } from "./helpers/menu-app.ts";
import { metricsTable } from "./helpers/metrics-table.ts";
import { startTrellis } from "./helpers/trellis-process.ts";

type Families = ReadonlyMap<string, ExposedFamily>;

test("/metrics of an app shows what each of its gateways counts, and docs/telemetry.md has every metric of it", async () => {
  const { folder } = menuApp();
  const { url, ownerKey } = await startTrellis({ folder, environment: { TRELLIS_GATEWAYS: "2" } }).ready;
  for (let turn = 0; turn < 10; turn += 1) await get(`${url}/v1/dishes/soup`);
  const look = async (): Promise<Families> => {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${ownerKey}` } });
    return parseExposition(await answer.text());
  };
  // A gateway is connected to an instance from its first request or check on, which comes within two seconds; a busy
  // one may miss a look, as any of those that are asked may.
  let families: Families = new Map();
  const told = async () => {
    families = await look();
    const sum = (name: string, label: string, value: string) => total(families, name, label, value);
    const route = "menu GET /v1/dishes/:id";
    return {
      gateways: gatewaysIn(families),
      dishes: sum("trellis_edge_hits_total", "route", route) + sum("trellis_edge_misses_total", "route", route),
      asked: sum("trellis_gateway_requests_total", "service", "menu") >= 10,
      worked: sum("process_cpu_seconds_total", "instance", "gateway-1") > 0,
    };
  };
  const all = { gateways: ["gateway gateway-1", "gateway gateway-2"], dishes: 10, asked: true, worked: true };
  await expect.poll(told, { timeout: 20_000, interval: 100 }).toEqual(all);

  const own = [...families].filter(([name]) => /^trellis_(gateway|edge|upstream)_/.test(name));
  const guide = await readFile(join(repository, "docs/telemetry.md"), "utf8");
  const table = metricsTable(new Map(own));
  expect(guide, `Of gateways:\n${table}`).toContain(table);
});

function gatewaysIn(families: Families): string[] | undefined {
  return families
    .get("trellis_gateway_connections")
    ?.samples.map(({ labels }) => `${labels.role} ${labels.instance}`)
    .toSorted();
}

function total(families: Families, name: string, label: string, value: string): number {
  const samples = families.get(name)?.samples ?? [];
  return samples.filter(({ labels }) => labels[label] === value).reduce((sum, sample) => sum + sample.value, 0);
}
