import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import { figureOf, testMetrics } from "../../../telemetry/test-metrics.contract.ts";
import { rawExchange } from "../endpoint/raw-exchange.contract.ts";
import { type OpenShop, openShop } from "../endpoint/shop.contract.ts";
import type { HttpOptions } from "./server.ts";

const open: OpenShop[] = [];
afterEach(() => Promise.all(open.splice(0).map((shop) => shop.close())));

async function measuredShop(options: Partial<HttpOptions> = {}) {
  const metrics = testMetrics();
  let nowMs = 0;
  const shop = await openShop({ metrics, stopwatch: () => nowMs, ...options });
  open.push(shop);
  const look = async (name: string, labels: Record<string, string>) => figureOf(await metrics.look(), name, labels);
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { shop, look, pass };
}

const read = { service: "shop", route: "read", way: "http" };

it("counts the answers of each route by status", async () => {
  const { shop, look } = await measuredShop();
  for (const path of ["/items/1", "/items/2", "/wrong/throw", "/nothing/here", "/livez"])
    await (await fetch(shop.url + path)).text();
  expect(await look("trellis_http_answers_total", { ...read, status: "2xx" })).toBe(2);
  expect(await look("trellis_http_answers_total", { route: "wrong", status: "5xx" })).toBe(1);
  expect(await look("trellis_http_answers_total", { service: "trellis", route: "other", status: "4xx" })).toBe(1);
  expect(await look("trellis_http_answers_total", { service: "trellis", route: "other", status: "2xx" })).toBe(1);
  expect(await look("trellis_http_answers_total", {})).toBe(5);
});

it.each([
  ["GET /items/1 HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n", "read"],
  ["HEAD /items/1 HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n", "read"],
  ["GET /long HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n", "long"],
  [
    'POST /items HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nAuthorization: ada\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n{"name":"ball","size":"s"}',
    "create",
  ],
])("counts the bytes that went over the wire, to the byte: %j", async (request, route) => {
  const { shop, look } = await measuredShop();
  const answer = await rawExchange(shop.port, request);
  expect(String(answer)).toMatch(/^HTTP\/1\.1 20/);
  expect(await look("trellis_http_received_bytes_total", { route })).toBe(request.length);
  expect(await look("trellis_http_sent_bytes_total", { route })).toBe(answer.length);
});

it("measures from the head of a request to its answer", async () => {
  const { shop, look, pass } = await measuredShop();
  shop.state.slow = async () => pass(250);
  await (await fetch(`${shop.url}/slow`, { method: "POST" })).text();
  expect(await look("trellis_http_answer_seconds_sum", { route: "slow" })).toBe(0.25);
  expect(await look("trellis_http_answer_seconds_count", { route: "slow" })).toBe(1);
});

it("shows the largest since the last look, once", async () => {
  const { shop, look, pass } = await measuredShop();
  const times = [30, 700, 10];
  shop.state.slow = async () => pass(times.shift() ?? 0);
  for (const _ of [1, 2, 3]) await (await fetch(`${shop.url}/slow`, { method: "POST" })).text();
  expect(await look("trellis_http_answer_seconds_max", { route: "slow" })).toBe(0.7);
  expect(await look("trellis_http_answer_seconds_max", { route: "slow" })).toBe(0);
});

it("knows how many requests wait, until they are answered or their caller is gone", async () => {
  const { shop, look } = await measuredShop();
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  shop.state.slow = async () => {
    begun.resolve();
    await goOn.promise;
  };
  const asked = fetch(`${shop.url}/slow`, { method: "POST" });
  const gone = connect(shop.port, "127.0.0.1");
  gone.write("POST /items HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{");
  await begun.promise;
  await expect.poll(() => look("trellis_http_waiting", {})).toBe(2);
  gone.destroy();
  await expect.poll(() => look("trellis_http_waiting", {})).toBe(1);
  goOn.resolve();
  await (await asked).text();
  expect(await look("trellis_http_waiting", {})).toBe(0);
});

it("tells calls of this process from requests", async () => {
  const { shop, look } = await measuredShop();
  const call = { service: "shop", route: "read", method: "GET", params: { id: "1" }, query: {}, headers: {} };
  const { body } = await shop.http.dispatch(call);
  expect(await look("trellis_http_answers_total", { ...read, way: "process", status: "2xx" })).toBe(1);
  expect(await look("trellis_http_sent_bytes_total", { ...read, way: "process" })).toBe(String(body).length);
  expect(await look("trellis_http_answers_total", { way: "http" })).toBeUndefined();
});

it("counts events as they are sent", async () => {
  const { shop, look } = await measuredShop();
  shop.state.ticks = (async function* () {
    yield { at: new Date(0) };
    yield { at: new Date(1) };
  })();
  const answer = await rawExchange(shop.port, "GET /ticks HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
  const events = String(answer).match(/data: .*\n\n|:\n\n/g) ?? [];
  expect(await look("trellis_http_sent_bytes_total", { route: "ticks" })).toBe(events.join("").length);
});

it("closes connections that are one too many, and counts them", async () => {
  const settings = {
    bodyBytesMax: 1,
    headersBytesMax: 16_384,
    requestTimeoutMs: 1_000,
    drainTimeoutMs: 1,
    logRequests: "no",
    connectionsMax: 1,
  } as const;
  const { shop, look } = await measuredShop({ settings });
  const first = connect(shop.port, "127.0.0.1");
  await once(first, "connect");
  await expect.poll(() => look("trellis_http_connections", {})).toBe(1);
  const second = connect(shop.port, "127.0.0.1");
  await once(second.resume(), "close");
  expect(await look("trellis_http_connections_refused_total", {})).toBe(1);
  expect(await look("trellis_http_connections", {})).toBe(1);
  first.destroy();
});

it("knows at which port the platform's own answers were asked for", async () => {
  const answer = async ({ ownPort }: { readonly ownPort: boolean }) => ({
    status: 200,
    headers: {},
    body: JSON.stringify({ ownPort }),
  });
  const { shop } = await measuredShop({ answers: [{ path: "/own", answer }] });
  const own = shop.http.newServer({ own: true }).listen(0, "127.0.0.1");
  await once(own, "listening");
  const { port } = own.address() as AddressInfo;
  expect(await (await fetch(`${shop.url}/own`)).json()).toEqual({ ownPort: false });
  expect(await (await fetch(`http://127.0.0.1:${port}/own`)).json()).toEqual({ ownPort: true });
});
