import { expect, test } from "vitest";
import type { ServiceFigures, UpstreamFigures } from "../../gateway/port.ts";
import { groupSamples, type Look } from "./group-samples.ts";
import type { InstanceLoad } from "./load.ts";
import type { ScaledGroup } from "./scaled-app.ts";

const one = { id: "web-1@1.1", pid: 11, privateUrl: "http://one" };
const two = { id: "web-2@1.2", pid: 12, privateUrl: "http://two" };
const starting = { id: "web-3@1.3", pid: 13, privateUrl: undefined };
const crashed = { id: undefined, pid: undefined, privateUrl: undefined };

const group: ScaledGroup = {
  name: "web",
  services: ["links", "social"],
  answers: true,
  works: true,
  range: { min: 0, max: 8 },
  instances: [one, two, starting, crashed],
};

const load = (more: Partial<InstanceLoad> = {}): InstanceLoad => ({
  loopActiveMs: 1_000,
  loopIdleMs: 1_000,
  inFlight: 0,
  begun: 10,
  poolWaits: { boundsMs: [1, 10, 100], counts: [0, 0, 0, 0] },
  ...more,
});

const upstream = (id: string, more: Partial<UpstreamFigures> = {}): UpstreamFigures => {
  return { upstream: id, requests: 0, failures: 0, pending: 0, usable: true, ...more };
};
const held = (service: string, count: number): ServiceFigures => {
  return { service, requests: 0, failures: 0, retries: 0, pending: count, held: count, hits: 0 };
};

function look(loads: Readonly<Record<string, InstanceLoad>>, more: Partial<Look> = {}): Look {
  return {
    figures: [],
    loads: new Map(Object.entries(loads)),
    memory: new Map([
      [11, 100],
      [12, 200],
    ]),
    work: [],
    machine: { cores: 2, memoryBytes: 1_000, memoryUsedBytes: 500 },
    ...more,
  };
}

const gateway = (
  services: readonly ServiceFigures[],
  upstreams: readonly UpstreamFigures[] = [],
): Look["figures"][number] => ({
  name: "gateway-1",
  version: 1,
  connections: 0,
  services,
  upstreams,
  edge: { entries: 0, bytes: 0, bytesMax: 0, routes: [], eventsUnlogged: 0 },
});

const nobody = { paused: [], isWanted: false };
const before = look({ "http://one": load(), "http://two": load() });

test("what an instance did since the look before is its sample; one that starts has none", () => {
  const waits = { boundsMs: [1, 10, 100], counts: [90, 9, 1, 0] };
  const now = look({
    "http://one": load({ loopActiveMs: 1_750, loopIdleMs: 1_250, inFlight: 7, poolWaits: waits }),
    "http://two": load({ loopIdleMs: 2_000 }),
  });
  const samples = groupSamples(group, now, before, nobody);
  expect(samples).toMatchObject({ ready: 2, starting: 2, waiting: 0, active: false, oldestJobMs: 0 });
  expect(samples.instances).toEqual([
    { loopUtilization: 0.75, inFlight: 7, poolWaitMs: 10, memoryBytes: 100 },
    { loopUtilization: 0, inFlight: 0, poolWaitMs: 0, memoryBytes: 200 },
  ]);
});

test("one that did not answer, now or before, is missing, and nothing is made up for it", () => {
  expect(groupSamples(group, look({ "http://one": load() }), before, nobody).instances).toHaveLength(1);
  expect(groupSamples(group, before, look({ "http://two": load() }), nobody).instances).toHaveLength(1);
  expect(groupSamples(group, before, undefined, nobody).instances).toEqual([]);
});

test("waits beyond all bounds count as the longest bound", () => {
  const late = load({ poolWaits: { boundsMs: [1, 10, 100], counts: [0, 0, 0, 4] } });
  const { instances } = groupSamples(group, look({ "http://one": late, "http://two": load() }), before, nobody);
  expect(instances[0]?.poolWaitMs).toBe(100);
});

test("requests that began and ended between two looks count as activity, by the instance's count or a gateway's", () => {
  const more = look({ "http://one": load({ begun: 11 }), "http://two": load() });
  expect(groupSamples(group, more, before, nobody).active).toBe(true);
  const asked = (requests: number) => ({ figures: [gateway([], [upstream(two.id, { requests })])] });
  const [now, earlier] = [look({ "http://one": load() }, asked(5)), look({ "http://one": load() }, asked(4))];
  expect(groupSamples(group, now, earlier, nobody).active).toBe(true);
  expect(groupSamples(group, now, now, nobody).active).toBe(false);
  const listened = look({ ...Object.fromEntries(now.loads), "http://two": load({ begun: 11, lasting: 1 }) });
  expect(groupSamples(group, listened, listened, nobody).active).toBe(true);
  const others = { figures: [gateway([], [upstream("reports-1@1.9", { requests: 99 })])] };
  expect(groupSamples(group, look({}, others), look({}, { figures: [gateway([])] }), nobody).active).toBe(false);
});

test("what is held waits, for all gateways together, but not what is held on purpose", () => {
  const figures = [gateway([held("links", 3), held("reports", 50)]), gateway([held("social", 4)])];
  expect(groupSamples(group, look({}, { figures }), before, nobody).waiting).toBe(7);
  expect(groupSamples(group, look({}, { figures }), before, { paused: ["social"], isWanted: false }).waiting).toBe(3);
  expect(groupSamples(group, look({}), before, { paused: [], isWanted: true }).waiting).toBe(1);
});

test("jobs count for the group that works them: the oldest one's age, and those that run, spread over its instances", () => {
  const work = [
    { service: "links", oldestMs: 500, running: 2 },
    { service: "social", oldestMs: 900, running: 2 },
    { service: "reports", oldestMs: 9_000, running: 20 },
  ];
  const now = look({ "http://one": load({ inFlight: 1 }), "http://two": load() }, { work });
  const samples = groupSamples(group, now, before, nobody);
  expect(samples).toMatchObject({ oldestJobMs: 900, active: true });
  expect(samples.instances.map(({ inFlight }) => inFlight)).toEqual([3, 2]);
  const answering = groupSamples({ ...group, works: false }, now, before, nobody);
  expect(answering).toMatchObject({ oldestJobMs: 0, active: false });
});

test("the slowest instance's percentile is the group's", () => {
  const figures = [
    gateway([], [upstream(one.id, { p99Ms: 20 }), upstream(two.id, { p99Ms: 300 }), upstream("x", { p99Ms: 900 })]),
  ];
  expect(groupSamples(group, look({}, { figures }), before, nobody).p99Ms).toBe(300);
});
