import { expect, onTestFinished, test } from "vitest";
import { frameKind } from "../frames/frame-kind.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { InstanceMetrics } from "../telemetry/instance-metrics.ts";
import { readLook } from "../telemetry/peer.ts";
import { silentLog } from "../testing/silent-log.ts";
import { openGatewayRig } from "./gateway-rig.contract.ts";
import { FramesInstance } from "./upstreams/frames-instance.contract.ts";

/** A gateway before instances in the test's hand, and a way to ask it. */
async function gatewayBefore(...instances: readonly FramesInstance[]) {
  const metrics = new InstanceMetrics({
    labels: { instance: "gateway-1", role: "gateway" },
    clock: systemClock,
    log: silentLog,
  });
  const gateway = openGatewayRig({ metrics });
  onTestFinished(() => gateway.close());
  gateway.apply({
    version: 1,
    hosts: [{ host: "*", service: "links" }],
    services: [{ name: "links", pool: "web", edge: true, balance: "round-robin" }],
    pools: [
      { name: "web", upstreams: instances.map(({ path }, index) => ({ id: `${index}`, address: { frames: path } })) },
    ],
  });
  const port = await gateway.listen({ port: 0, host: "127.0.0.1" });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.headers.get("cache-status"), body: await answer.text(), headers: answer.headers };
  };
  return { gateway, ask, entries: () => gateway.figures().edge.entries };
}

async function openInstance() {
  const instance = await FramesInstance.open();
  onTestFinished(() => instance.close());
  return instance;
}

/** Answers the next request that comes. */
async function answerNext(instance: FramesInstance, body: string) {
  const { stream } = await instance.next(frameKind.request);
  instance.writer?.whole(stream, 200, "cache-control\0max-age=100\0cache-tag\0a\0trellis-edge-route\0GET /:code", body);
}

test("what an instance says is to be purged is asked for again", async () => {
  const instance = await openInstance();
  const { ask } = await gatewayBefore(instance);
  const first = ask("/a");
  await answerNext(instance, "old");
  expect(await first).toMatchObject({ body: "old", status: "trellis; fwd=uri-miss; stored" });
  expect((await ask("/a")).body).toBe("old");
  instance.writer?.tells(frameKind.purge, '{"tag":"a","service":"links"}');
  const second = ask("/a");
  await answerNext(instance, "new");
  expect((await second).body).toBe("new");
});

test("an answer that was asked for before a purge is not kept, whichever instance gives it", async () => {
  const [one, two] = [await openInstance(), await openInstance()];
  const { ask, entries } = await gatewayBefore(one, two);
  const greeting = [ask("/1"), ask("/2")];
  await Promise.all([answerNext(one, ""), answerNext(two, "")]);
  await Promise.all(greeting);

  const late = ask("/late");
  const [asked, other] = await Promise.race([
    one.next(frameKind.request).then(({ stream }) => [{ instance: one, stream }, two] as const),
    two.next(frameKind.request).then(({ stream }) => [{ instance: two, stream }, one] as const),
  ]);
  other.writer?.tells(frameKind.purge, '{"tag":"a"}');
  await expect.poll(entries).toBe(0);
  asked.instance.writer?.whole(asked.stream, 200, "cache-control\0max-age=100\0cache-tag\0a", "old");
  expect((await late).body).toBe("old");
  expect(entries()).toBe(0);
});

test("while no instance is there nobody says what is to be purged: the first one that comes has everything purged", async () => {
  const [one, two] = [await openInstance(), await openInstance()];
  const { ask, entries } = await gatewayBefore(one, two);
  const greeting = [ask("/1"), ask("/2")];
  await Promise.all([answerNext(one, ""), answerNext(two, "")]);
  await Promise.all(greeting);
  expect(entries()).toBe(2);
  for (const socket of one.sockets.splice(0)) socket.destroy();
  const third = ask("/3");
  await Promise.race([answerNext(one, "three"), answerNext(two, "three")]);
  await third;
  expect(entries()).toBe(3);
  for (const instance of [one, two]) for (const socket of instance.sockets.splice(0)) socket.destroy();
  expect((await ask("/1")).status).toContain("hit");
  const fourth = ask("/4");
  await Promise.race([answerNext(one, "four"), answerNext(two, "four")]);
  await fourth;
  expect(entries()).toBe(0);
});

test("which route has answered is not told to clients, whether the edge is asked or not", async () => {
  const instance = await openInstance();
  const { gateway, ask } = await gatewayBefore(instance);
  for (const edge of [true, false]) {
    gateway.apply({
      version: 2,
      hosts: [{ host: "*", service: "links" }],
      services: [{ name: "links", pool: "web", edge }],
      pools: [{ name: "web", upstreams: [{ id: "0", address: { frames: instance.path } }] }],
    });
    const asked = ask(`/${edge}`);
    await answerNext(instance, "");
    expect([...(await asked).headers.keys()]).not.toContain("trellis-edge-route");
  }
});

test("what is no purge ends the connection to whoever says it", async () => {
  const instance = await openInstance();
  const { ask } = await gatewayBefore(instance);
  const first = ask("/a");
  await answerNext(instance, "one");
  await first;
  const closed = new Promise((resolve) => instance.sockets[0]?.once("close", resolve));
  instance.writer?.tells(frameKind.purge, '{"everything":true}');
  await closed;
});

test("an instance that asks is told the gateway's figures, by its name: what clients got, and what each route hit", async () => {
  const instance = await openInstance();
  const { ask } = await gatewayBefore(instance);
  const first = ask("/a");
  await answerNext(instance, "one");
  await first;
  await ask("/a");
  instance.writer?.tells(frameKind.look, "");
  const look = readLook((await instance.next(frameKind.figures)).payload.toString());
  const figureAt = (name: string, labels: object) =>
    look?.families
      .find((family) => family.name === name)
      ?.values.find((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
      ?.value;
  expect(look?.instance).toBe("gateway-1");
  const gateway = { instance: "gateway-1", role: "gateway" };
  expect(figureAt("trellis_gateway_answers_total", { ...gateway, status: "2xx" })).toBe(2);
  expect(figureAt("trellis_gateway_hits_total", { ...gateway, service: "links" })).toBe(1);
  expect(figureAt("trellis_edge_hits_total", { ...gateway, route: "links GET /:code" })).toBe(1);
  expect(figureAt("trellis_edge_misses_total", { ...gateway, route: "links GET /:code" })).toBe(1);
  expect(figureAt("trellis_upstream_requests_total", { ...gateway, upstream: "0" })).toBe(1);
});
