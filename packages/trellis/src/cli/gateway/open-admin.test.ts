import { request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { gatewayMetrics } from "../../gateway/gateway-metrics.ts";
import type { GatewayFigures } from "../../gateway/port.ts";
import type { Purge } from "../../model/purge.ts";
import { labelled } from "../../telemetry/family.ts";
import { parseExposition } from "../../telemetry/parse-exposition.contract.ts";
import { openAdmin } from "./open-admin.ts";

const figuresOf = (name: string): GatewayFigures => ({
  name,
  version: 3,
  connections: 7,
  services: [{ service: "web", requests: 90, failures: 2, retries: 0, pending: 1, held: 0, hits: 30 }],
  upstreams: [
    { upstream: "one", requests: 58, failures: 2, pending: 1, usable: true, p50Ms: 2, p99Ms: 40 },
    { upstream: "two", requests: 0, failures: 0, pending: 0, usable: false, because: "it does not answer" },
  ],
  edge: { entries: 4, bytes: 4_000, bytesMax: 10_000, routes: [], eventsUnlogged: 0 },
});

interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function opened() {
  const purges: Purge[] = [];
  const admin = await openAdmin({
    port: 0,
    figures: () => [figuresOf("gateway-1"), figuresOf("gateway-2")],
    look: async () =>
      ["gateway-1", "gateway-2"].map((instance) => labelled(gatewayMetrics(figuresOf(instance)), { instance })),
    purge: async (purge) => void purges.push(purge),
  });
  onTestFinished(() => admin.close());
  const ask = (path: string, { method = "GET", body, headers = {} }: Asked = {}) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const asking = request(`${admin.url}${path}`, { method, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
        });
        answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body: text }));
      });
      asking.once("error", reject);
      asking.end(body);
    });
  return { ask, purges };
}

test("Prometheus reads the figures of every gateway under its name", async () => {
  const { ask } = await opened();
  const { body } = await ask("/metrics");
  const families = parseExposition(body);
  const values = (name: string) => families.get(name)?.samples.map(({ labels, value }) => ({ ...labels, value }));
  expect(values("trellis_gateway_requests_total")).toEqual([
    { instance: "gateway-1", service: "web", value: 90 },
    { instance: "gateway-2", service: "web", value: 90 },
  ]);
  expect(values("trellis_upstream_usable")?.slice(0, 2)).toEqual([
    { instance: "gateway-1", upstream: "one", value: 1 },
    { instance: "gateway-1", upstream: "two", value: 0 },
  ]);
  expect(values("trellis_upstream_p99_seconds")).toEqual([
    { instance: "gateway-1", upstream: "one", value: 0.04 },
    { instance: "gateway-2", upstream: "one", value: 0.04 },
  ]);
});

test("the status is the figures as they are", async () => {
  const { ask } = await opened();
  expect(JSON.parse((await ask("/status")).body)).toEqual({
    gateways: [figuresOf("gateway-1"), figuresOf("gateway-2")],
  });
});

test("what is purged is passed on, and what is no purge is refused", async () => {
  const { ask, purges } = await opened();
  const purge = (body: string) => ask("/purge", { method: "POST", body });
  for (const body of ['{"url":"http://shop.test/a"}', '{"tag":"a","service":"web"}', '{"all":true}'])
    expect((await purge(body)).status).toBe(204);
  expect(purges).toEqual([{ url: "http://shop.test/a" }, { tag: "a", service: "web" }, { all: true }]);
  expect((await purge("{")).status).toBe(400);
  expect((await purge('{"all":false}')).status).toBe(422);
  expect((await purge('{"url":"shop","tag":"b"}')).status).toBe(422);
  expect((await purge(`{"tag":"${"a".repeat(70_000)}"}`)).status).toBe(413);
  expect(purges).toHaveLength(3);
});

test("a page in a browser on this machine is refused, whatever name leads there", async () => {
  const { ask, purges } = await opened();
  const evil = { host: "evil.example" };
  expect((await ask("/status", { headers: evil })).status).toBe(403);
  const headers = { origin: "http://evil.example" };
  expect((await ask("/purge", { method: "POST", body: '{"all":true}', headers })).status).toBe(403);
  expect((await ask("/elsewhere")).status).toBe(404);
  expect(purges).toEqual([]);
});
