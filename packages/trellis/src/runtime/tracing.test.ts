import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Log, LogFacts } from "../model/log.ts";
import { type OtlpReceiver, otlpReceiver, type ReceivedSpan } from "../telemetry/otlp-receiver.contract.ts";
import { startTestApp, type TestApp } from "../testing/test-app.ts";
import { ordersApp } from "./orders-app.contract.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const caller = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;

interface Line {
  readonly says: string;
  readonly facts: LogFacts;
}

function keepLines(lines: Line[], more: LogFacts = {}): Log {
  const keep = (says: string, facts?: LogFacts): void => void lines.push({ says, facts: { ...more, ...facts } });
  return {
    debug: () => undefined,
    info: keep,
    warn: keep,
    error: keep,
    with: (f) => keepLines(lines, { ...more, ...f }),
  };
}

let receiver: OtlpReceiver;
let app: TestApp;
const told: string[] = [];
const lines: Line[] = [];

beforeAll(async () => {
  // The SDK reads what is its own from the process.
  vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "50");
  vi.stubEnv("OTEL_SERVICE_NAME", "orders");
  vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=ours");
  receiver = await otlpReceiver();
  app = await startTestApp(
    ordersApp((says) => told.push(says)),
    { instances: 1, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, log: keepLines(lines) },
  );
});
afterAll(async () => {
  await app.stop();
  await receiver.close();
  vi.unstubAllEnvs();
});

const order = async (item: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${app.instances[0]?.privateUrl}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ item }),
  });

const spanOf = async (name: string, which: (span: ReceivedSpan) => boolean = () => true): Promise<ReceivedSpan> => {
  await expect
    .poll(() => receiver.spans.some((span) => span.name === name && which(span)), { timeout: 10_000 })
    .toBe(true);
  return receiver.spans.find((span) => span.name === name && which(span)) as ReceivedSpan;
};

describe("an order", () => {
  const ours = ({ traceId }: ReceivedSpan): boolean => traceId === caller.traceId;
  beforeAll(async () => {
    expect((await order("ball", { traceparent })).status).toBe(200);
    await vi.waitFor(() => expect(told).toEqual(expect.arrayContaining(["job ball", "event ball"])), 20_000);
  });

  it("is one story from the request through call, job and event, each part under what caused it", async () => {
    const request = await spanOf("POST /orders", ours);
    expect(request).toMatchObject({ parentSpanId: caller.spanId, kind: 2, failed: false });
    const call = await spanOf("store.take", ours);
    expect(call).toMatchObject({ parentSpanId: request.spanId, kind: 3 });
    const answer = await spanOf("POST /taken", ours);
    expect(answer).toMatchObject({ parentSpanId: call.spanId, kind: 2 });
    expect(await spanOf("work store.pack", ours)).toMatchObject({ parentSpanId: answer.spanId, kind: 5 });
    const event = await spanOf("store.orders consume", ours);
    expect(event).toMatchObject({ parentSpanId: answer.spanId, kind: 5 });
  });

  it("says of its requests what they were", async () => {
    const { attributes, resource } = await spanOf("POST /orders", ours);
    expect(attributes).toMatchObject({
      "http.route": "/orders",
      "trellis.service": "shop",
      "trellis.route": "order",
      "http.response.status_code": 200,
    });
    expect(resource).toMatchObject({ "service.name": "orders", "service.instance.id": "web-1" });
  });

  it("shows the statements that it made, under their names", async () => {
    const answer = await spanOf("POST /taken", ours);
    expect(await spanOf("commit", ours)).toMatchObject({ parentSpanId: answer.spanId, kind: 3 });
  });

  it("gives its trace to every line that is logged on the way", async () => {
    const work = await spanOf("work store.pack", ours);
    expect(lines.find(({ says }) => says === "packed")?.facts).toMatchObject({
      traceId: caller.traceId,
      spanId: work.spanId,
    });
    expect(lines.find(({ says }) => says === "heard")?.facts.traceId).toBe(caller.traceId);
  });
});

it("begins a trace where the caller has none, and marks what failed", async () => {
  expect((await order("broken")).status).toBe(500);
  const others = ({ traceId, parentSpanId = "" }: ReceivedSpan) => traceId !== caller.traceId && parentSpanId === "";
  const request = await spanOf("POST /orders", others);
  expect(request).toMatchObject({ failed: true, attributes: { "error.type": "500" } });
  expect(await spanOf("store.take", ({ parentSpanId }) => parentSpanId === request.spanId)).toMatchObject({
    failed: true,
  });
});

it("leaves alone what the caller does not sample", async () => {
  const unsampled = "1af7651916cd43dd8448eb211c80319c";
  await order("quiet", { traceparent: `00-${unsampled}-${caller.spanId}-00` });
  await expect.poll(() => told, { timeout: 20_000 }).toEqual(expect.arrayContaining(["job quiet", "event quiet"]));
  await order("loud", { traceparent });
  await spanOf("work store.pack", ({ attributes }) => attributes["messaging.message.id"] !== undefined);
  expect(receiver.spans.filter(({ traceId }) => traceId === unsampled)).toEqual([]);
});

it("goes on in another process that the call reaches over HTTP", async () => {
  const [back] = app.instances;
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRELLIS_URL_STORE: back?.privateUrl };
  const front = await startTestApp(
    ordersApp(() => undefined),
    { instances: 1, environment },
  );
  const remote = { "content-type": "application/json", traceparent: traceparent.replace("0af7", "2af7") };
  const body = JSON.stringify({ item: "far" });
  const answer = await fetch(`${front.instances[0]?.privateUrl}/orders`, { method: "POST", headers: remote, body });
  expect(answer.status).toBe(200);
  const far = ({ traceId }: ReceivedSpan): boolean => traceId.startsWith("2af7");
  const call = await spanOf("store.take", far);
  expect(await spanOf("POST /taken", far)).toMatchObject({ parentSpanId: call.spanId });
  expect(await spanOf("work store.pack", far)).toBeDefined();
  await front.stop();
});

it("sends the headers that the standard variable names", async () => {
  await spanOf("POST /orders");
  expect(receiver.headers[0]).toMatchObject({ "x-tenant": "ours" });
});

it("goes on answering when the collector takes nothing, says so once, and counts what is lost", async () => {
  const key = await app.key(["metrics:read"]);
  const lost = async (): Promise<number> => {
    const text = await (
      await fetch(`${app.instances[0]?.privateUrl}/metrics`, { headers: { authorization: `Bearer ${key}` } })
    ).text();
    return Number(/^trellis_traces_lost_total\{.*\} (\d+)$/m.exec(text)?.[1]);
  };
  expect(await lost()).toBe(0);
  receiver.status = 400;
  const before = lines.length;
  expect((await order("lost", { traceparent })).status).toBe(200);
  await expect.poll(lost, { timeout: 10_000 }).toBeGreaterThan(0);
  const some = await lost();
  await order("lost again", { traceparent });
  await expect.poll(lost, { timeout: 10_000 }).toBeGreaterThan(some);
  const told = () => lines.slice(before).filter(({ says }) => says.startsWith("The collector"));
  expect(told()).toHaveLength(1);
  receiver.status = 200;
  await order("found", { traceparent });
  await expect.poll(() => told().length, { timeout: 10_000 }).toBe(2);
});
