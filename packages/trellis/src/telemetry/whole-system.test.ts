import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { settled, testClock } from "../testing/test-clock.ts";
import { exposition } from "./exposition.ts";
import { type Family, family } from "./family.ts";
import { peerMsMax } from "./limits.ts";
import { parseExposition } from "./parse-exposition.contract.ts";
import type { Peer } from "./peer.ts";
import { figureOf, testMetrics } from "./test-metrics.contract.ts";
import { lookEverywhere } from "./whole-system.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function instance(name: string, listener: RequestListener): Promise<Peer> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { name, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const families = (name: string, value: number): readonly Family[] => [
  family("counter", "trellis_a_total", "A.", [{ labels: { instance: name }, value }]),
];

const says =
  (name: string): RequestListener =>
  (request, response) => {
    if (request.headers["x-proof"] !== "signed" || request.url !== "/metrics") response.writeHead(401).end();
    else response.end(JSON.stringify({ instance: name, families: families(name, 2) }));
  };

const clock = testClock();
function look(
  peers: readonly Peer[] | Promise<readonly Peer[]>,
  gateways: readonly Promise<string | undefined>[] = [],
) {
  const metrics = testMetrics();
  metrics.counter("trellis_a_total", "A.").add(1);
  const headers = () => ({ "x-proof": "signed" });
  return lookEverywhere({
    metrics,
    peers: async () => peers,
    gateways: () => gateways,
    path: "/metrics",
    headers,
    clock,
  });
}

it("shows the figures of every instance, each once under its name", async () => {
  const looked = await look([await instance("web-2", says("web-2")), await instance("worker-1", says("worker-1"))]);
  const text = parseExposition(await exposition(looked));
  expect(text.get("trellis_a_total")?.samples.map(({ labels, value }) => [labels.instance, value])).toEqual([
    ["web-1", 1],
    ["web-2", 2],
    ["worker-1", 2],
  ]);
  expect(figureOf(looked.flat(), "trellis_instances_seen")).toBe(3);
  expect(figureOf(looked.flat(), "trellis_instances_silent")).toBe(0);
});

it("leaves out, and counts, those that refuse, are gone, answer nonsense or are somebody else by now", async () => {
  const gone = await instance("gone", says("gone"));
  closing.pop()?.();
  const looked = await look([
    gone,
    await instance("refuses", (_, response) => response.writeHead(403).end("{}")),
    await instance("nonsense", (_, response) => response.end("<html>")),
    await instance("empty", (_, response) => response.end("null")),
    await instance("web-2", says("web-9")),
  ]);
  expect(figureOf(looked.flat(), "trellis_instances_seen")).toBe(1);
  expect(figureOf(looked.flat(), "trellis_instances_silent")).toBe(5);
});

it("waits a second for an instance that hangs, not longer, and shows the others", async () => {
  const asked = Promise.withResolvers<void>();
  const hangs = await instance("web-2", (_, response) => {
    response.writeHead(200).write("{");
    asked.resolve();
  });
  const looking = look([hangs, await instance("web-3", says("web-3"))]);
  await asked.promise;
  await settled();
  await clock.advance(peerMsMax);
  const looked = (await looking).flat();
  expect(figureOf(looked, "trellis_instances_silent")).toBe(1);
  expect(figureOf(looked, "trellis_a_total", { instance: "web-3" })).toBe(2);
});

it("shows what it has where nobody can say which instances there are", async () => {
  for (const peers of [Promise.reject(new Error("no database")), new Promise<readonly Peer[]>(() => undefined)]) {
    const looking = look(peers);
    await settled();
    await clock.advance(peerMsMax);
    const looked = (await looking).flat();
    expect(figureOf(looked, "trellis_a_total")).toBe(1);
    expect(figureOf(looked, "trellis_instances_silent")).toBeUndefined();
  }
});

it("shows the gateways' figures too, each once, and waits no longer for one that is silent", async () => {
  const told = (name: string, value: number) =>
    Promise.resolve(JSON.stringify({ instance: name, families: families(name, value) }));
  const silent = new Promise<undefined>(() => undefined);
  const looking = look(
    [],
    [told("gateway-1", 3), told("gateway-2", 4), told("gateway-1", 5), Promise.resolve(""), silent],
  );
  await settled();
  await clock.advance(peerMsMax);
  const text = parseExposition(await exposition(await looking));
  expect(text.get("trellis_a_total")?.samples.map(({ labels, value }) => [labels.instance, value])).toEqual([
    ["web-1", 1],
    ["gateway-1", 5],
    ["gateway-2", 4],
  ]);
  expect(text.get("trellis_instances_silent")?.samples[0]?.value).toBe(0);
});
