import { expect, test } from "vitest";
import type { GatewayFigures, ServiceFigures, UpstreamFigures } from "../gateway/port.ts";
import { silentLog } from "../testing/silent-log.ts";
import { settled, testClock } from "../testing/test-clock.ts";
import type { InstanceStatus } from "./control-words.ts";
import { Fleet } from "./fleet.ts";
import type { InstanceListener } from "./instance-process.ts";
import type { PlaceStart } from "./place.ts";
import type { Pause, ReleaseRecord } from "./state.ts";
import { StatusReader } from "./status.ts";

const shape = { services: ["notes", "mail"], home: "notes", groups: [] };
const current: ReleaseRecord = { number: 1, at: 0, from: "", config: "", copied: true, state: "serving", shape };
const name = { pool: "web", role: "web", number: 1, release: 1, answers: true } as const;
const edge = { entries: 0, bytes: 0, bytesMax: 0, routes: [], eventsUnlogged: 0 };

interface Counted {
  readonly services?: readonly Partial<ServiceFigures>[];
  readonly upstreams?: readonly Partial<UpstreamFigures>[];
  readonly connections?: number;
}

function figuresOf(gateway: string, { services = [], upstreams = [], connections = 0 }: Counted): GatewayFigures {
  const none = { requests: 0, failures: 0, pending: 0 };
  return {
    ...{ name: gateway, version: 1, connections, edge },
    services: services.map((one) => ({ service: "notes", ...none, retries: 0, held: 0, hits: 0, ...one })),
    upstreams: upstreams.map((one) => ({ upstream: "web-1@1.1", ...none, usable: true, ...one })),
  };
}

/** An app whose instances are started and end when the test says so, and whose gateways have counted what it says. */
function watched() {
  const clock = testClock();
  const listeners: InstanceListener[] = [];
  const start = (_start: PlaceStart, listener: InstanceListener) => {
    listeners.push(listener);
    // This one: it lives, and has used something.
    return { pid: process.pid, drain: () => undefined, kill: () => undefined };
  };
  let serial = 0;
  const fleet = new Fleet({
    ...{ start, clock, log: silentLog, random: () => 1, startTimeoutMs: 9e9, stopTimeoutMs: 9e9, drainMs: 9e9 },
    nextSerial: () => {
      serial += 1;
      return serial;
    },
    socketFor: (id) => `/run/${id}`,
    gateways: () => [],
    routes: () => ({ shape, paused: [] }),
    onChange: () => undefined,
    onEvent: () => undefined,
  });
  const counted: (Counted | undefined)[] = [{}];
  const paused: Pause[] = [];
  const reader = new StatusReader(
    {
      ...{ fleet, current, paused },
      get gateways() {
        return counted.map((one, index) => {
          const gateway = { name: `gateway-${index + 1}`, pid: process.pid, born: "", control: "", port: 80 };
          return one
            ? { record: gateway, figures: figuresOf(gateway.name, one) }
            : { record: undefined, figures: undefined };
        });
      },
    },
    clock,
    "http://localhost:80",
  );
  /** Looks; a look that has none before it to compare with takes a second, in which `meanwhile` happens. */
  const read = async (meanwhile: () => void = () => undefined) => {
    const { pending } = clock;
    let isOver = false;
    const status = reader.read().finally(() => {
      isOver = true;
    });
    const begunAt = clock.now();
    // Processes are looked at outside of the clock.
    await expect.poll(() => clock.pending > pending || isOver).toBe(true);
    meanwhile();
    if (!isOver) await clock.advance(1_000);
    return { ...(await status), tookMs: clock.now() - begunAt };
  };
  const only = async (): Promise<InstanceStatus | undefined> => (await read()).instances[0];
  return { clock, fleet, listeners, counted, paused, read, only };
}

test("a first look takes a second and tells what happened in it; the next one tells what happened since", async () => {
  const { clock, counted, read } = watched();
  counted[0] = { services: [{ requests: 100 }] };
  const first = await read(() => {
    counted[0] = { services: [{ requests: 130 }] };
  });
  expect(first).toMatchObject({ tookMs: 1_000, services: [{ service: "notes", requestsPerSecond: 30 }, {}] });
  expect(first.gateways).toMatchObject([{ name: "gateway-1", requestsPerSecond: 30, pid: process.pid }]);
  await clock.advance(2_000);
  counted[0] = { services: [{ requests: 230 }] };
  expect(await read()).toMatchObject({ tookMs: 0, services: [{ requestsPerSecond: 50 }, {}] });
});

test("what happened long ago is in no rate: after a pause it takes a second again", async () => {
  const { clock, counted, read } = watched();
  await read();
  await clock.advance(60_000);
  counted[0] = { services: [{ requests: 9_000 }] };
  expect(await read()).toMatchObject({ tookMs: 1_000, services: [{ requestsPerSecond: 0 }, {}] });
});

test("who looks a moment after another is told a rate of more than that moment", async () => {
  const { clock, counted, read } = watched();
  await read();
  await clock.advance(1_000);
  counted[0] = { services: [{ requests: 40 }] };
  expect(await read()).toMatchObject({ services: [{ requestsPerSecond: 40 }, {}] });
  await clock.advance(100);
  const { services } = await read();
  expect(services[0]?.requestsPerSecond).toBeCloseTo(36.4, 1);
});

test("an instance is starting, ready, crashed, in a crash loop, and draining", async () => {
  const { clock, fleet, listeners, only } = watched();
  const place = fleet.open(name);
  expect(await only()).toMatchObject({ name: "web-1", role: "web", release: 1, state: "starting", restarts: 0 });
  const becomesReady = () => listeners.at(-1)?.ready({ privateUrl: "" });
  becomesReady();
  await clock.advance(4_000);
  expect(await only()).toMatchObject({ state: "ready", pid: process.pid, upMs: expect.any(Number) });

  const ends = () => listeners.at(-1)?.ended({ says: "exit code 1" });
  ends();
  const crashed = await only();
  expect(crashed).toMatchObject({ state: "crashed", restarts: 1 });
  expect(crashed).not.toHaveProperty("pid");
  expect(crashed).not.toHaveProperty("upMs");
  await clock.advance(30_000);
  expect(place.state).toBe("starting");
  expect((await only())?.state).toBe("starting");
  ends();
  await clock.advance(30_000);
  ends();
  expect(await only()).toMatchObject({ state: "crash loop", restarts: 3 });
  await clock.advance(30_000);
  becomesReady();
  expect(await only()).toMatchObject({ state: "ready", restarts: 3 });

  void fleet.retire(place);
  await settled();
  expect((await only())?.state).toBe("draining");
});

test("an instance's figures are those of all gateways together, and its slowest percentiles", async () => {
  const { fleet, listeners, counted, read } = watched();
  fleet.open(name);
  listeners[0]?.ready({ privateUrl: "" });
  counted.push({});
  const status = await read(() => {
    counted[0] = {
      upstreams: [
        { requests: 10, pending: 2, p50Ms: 5, p99Ms: 9 },
        { upstream: "other", requests: 99 },
      ],
    };
    counted[1] = { upstreams: [{ requests: 30, pending: 1, p50Ms: 4, p99Ms: 70 }] };
  });
  expect(status.instances).toMatchObject([{ requestsPerSecond: 40, inFlight: 3, p50Ms: 5, p99Ms: 70 }]);
  expect(status.instances[0]?.memoryBytes).toBeGreaterThan(1_000_000);
  expect(status.instances[0]?.cpu).toBeGreaterThanOrEqual(0);
});

test("an instance that nobody has asked has no figures of requests, rather than zeros", async () => {
  const { fleet, only } = watched();
  fleet.open(name);
  const instance = await only();
  expect(instance).not.toHaveProperty("requestsPerSecond");
  expect(instance).not.toHaveProperty("p99Ms");
});

test("a gateway that was started anew counts from 0 again, and no rate is below it", async () => {
  const { clock, counted, read } = watched();
  counted[0] = { services: [{ requests: 5_000 }] };
  await read();
  await clock.advance(1_000);
  counted[0] = { services: [{ requests: 3 }], connections: 8 };
  const status = await read();
  expect(status.services[0]?.requestsPerSecond).toBe(0);
  expect(status.gateways).toMatchObject([{ requestsPerSecond: 0, connections: 8 }]);
});

test("a gateway that is being started again is listed, without what only a process has", async () => {
  const { counted, read } = watched();
  counted.push(undefined);
  const { gateways } = await read();
  expect(gateways[1]).toEqual({ name: "gateway", connections: 0, requestsPerSecond: 0 });
});

test("every service is listed, with what waits and fails, how much the edge answered, and whether it is paused", async () => {
  const { counted, paused, read } = watched();
  counted[0] = { services: [{ requests: 60, hits: 15, failures: 2, pending: 4, held: 3 }] };
  counted.push({ services: [{ requests: 40, hits: 10, failures: 1, pending: 1, held: 0 }] });
  paused.push({ service: "mail", holdMs: 1_000 });
  const { url, release, services } = await read();
  expect([url, release]).toEqual(["http://localhost:80", 1]);
  expect(services).toEqual([
    { service: "notes", requestsPerSecond: 0, inFlight: 5, held: 3, failures: 3, hitRatio: 0.25, paused: false },
    { service: "mail", requestsPerSecond: 0, inFlight: 0, held: 0, failures: 0, paused: true },
  ]);
});
