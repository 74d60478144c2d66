import { expect, test } from "vitest";
import { InstanceMetrics } from "../telemetry/instance-metrics.ts";
import { silentLog } from "../testing/silent-log.ts";
import { testClock } from "../testing/test-clock.ts";
import { loadAnswer } from "./load-answer.ts";

const requests = () => ({ inFlight: 8, lasting: 5, begun: 70 });

async function load(metrics?: InstanceMetrics) {
  const { status, headers, body } = await loadAnswer({ requests, metrics }).answer({ headers: {}, ownPort: true });
  expect([status, headers["cache-control"]]).toEqual([200, "no-store"]);
  return JSON.parse(String(body));
}

test("an instance says how busy its event loop was, what is under way, and how long connections were waited for", async () => {
  const metrics = new InstanceMetrics({ labels: { instance: "web-1" }, clock: testClock(), log: silentLog });
  const waits = (service: string) =>
    metrics.histogram("trellis_database_pool_wait_seconds", "Waits.", { service }, [0.001, 0.1]);
  waits("links").record(0.0005);
  waits("links").record(3);
  waits("social").record(0.05);
  const first = await load(metrics);
  expect(first).toMatchObject({
    inFlight: 3,
    lasting: 5,
    begun: 70,
    poolWaits: { boundsMs: [1, 100], counts: [1, 1, 1] },
  });
  const until = performance.now() + 20;
  while (performance.now() < until);
  const { loopActiveMs, loopIdleMs } = await load(metrics);
  expect(loopActiveMs + loopIdleMs).toBeGreaterThanOrEqual(first.loopActiveMs + first.loopIdleMs + 15);
});

test("without figures it says what it knows", async () => {
  expect(await load()).toMatchObject({ inFlight: 3, poolWaits: { boundsMs: [], counts: [] } });
});

test("at the shared port nothing is there", async () => {
  const asked = loadAnswer({ requests, metrics: undefined }).answer({ headers: {}, ownPort: false });
  await expect(asked).rejects.toMatchObject({ code: "unknown-route" });
});
